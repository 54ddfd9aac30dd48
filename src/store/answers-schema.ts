import type { DBSchema } from 'idb';
import type { AnswerState } from '../core/api/worker-api.ts';
import type { EnvelopeHeader } from '../core/protocol/envelope.ts';
import type { SignedReceipt } from '../core/protocol/receipt.ts';
import type { Step } from './database.ts';

/** What the stores of the answers' database hold, and how they came to be. */

export interface AnswerRecord {
  readonly id: string;
  /** The draft it was frozen from: freezing the same one twice gives one answer. */
  readonly token: string;
  /** For people: see `numberOf`. */
  readonly number: string;
  readonly state: AnswerState;
  readonly to: string;
  readonly header: EnvelopeHeader;
  /** The sealed answer. Goes in the transaction that stores the receipt. */
  readonly body?: Uint8Array;
  readonly receipt?: SignedReceipt;
  /** While it is held: the name of the hub that has it, where the library vouches for it. */
  readonly holder?: string;
  /** Why it needs a person. */
  readonly code?: string;
}

/** An answer of somebody else that this device passes on, sealed as it came. */
export interface CarriedRecord {
  /** In the order in which they came. */
  readonly seq?: number;
  readonly id: string;
  readonly hash: string;
  readonly size: EnvelopeHeader['size'];
  readonly state: AnswerState;
  readonly header: EnvelopeHeader;
  /** Goes in the transaction that stores the receipt. */
  readonly body?: Uint8Array;
  /** Stays, to be carried back. */
  readonly receipt?: SignedReceipt;
  readonly code?: string;
}

export interface DeviceRecord {
  readonly key: 'device';
  /** Random, base64url of 16 bytes. Names the device to hubs, and tells an evicted store from a kept one. */
  readonly id: string;
  /** Sequence of the last answer. */
  readonly n: number;
}

export interface AnswersSchema extends DBSchema {
  answers: { key: string; value: AnswerRecord; indexes: { token: string; number: string; state: AnswerState } };
  carried: {
    key: number;
    value: CarriedRecord;
    indexes: {
      '[id+hash]': [id: string, hash: string];
      id: string;
      hash: string;
      state: AnswerState;
      '[state+size]': [AnswerState, EnvelopeHeader['size']];
    };
  };
  meta: { key: string; value: DeviceRecord };
}

export const ANSWERS_STEPS: readonly Step<AnswersSchema>[] = [
  (database) => {
    const answers = database.createObjectStore('answers', { keyPath: 'id' });
    answers.createIndex('token', 'token', { unique: true });
    answers.createIndex('number', 'number');
    answers.createIndex('state', 'state');
    database.createObjectStore('meta', { keyPath: 'key' });
  },
  (database) => {
    const carried = database.createObjectStore('carried', { keyPath: 'seq', autoIncrement: true });
    carried.createIndex('[id+hash]', ['id', 'hash'], { unique: true });
    carried.createIndex('id', 'id');
    carried.createIndex('hash', 'hash');
    carried.createIndex('state', 'state');
    carried.createIndex('[state+size]', ['state', 'size']);
  },
];
