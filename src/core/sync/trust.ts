import { codeOf, isOurs, isPage, portalError, RelaisError } from '../errors.ts';
import { findSection, type PackContent, SectionType } from '../pack/format.ts';
import type { Platform } from '../platform.ts';
import { fromUtf8 } from '../protocol/bytes.ts';
import { canonicalBytes, parseCanonical } from '../protocol/canonical.ts';
import { type Head, verifyHead } from '../protocol/head.ts';
import type { LogEntry } from '../protocol/log.ts';
import {
  checkSignedRoots,
  followRoots,
  parseRoot,
  type Root,
  rootIdentity,
  type SignedRoot,
  verifySelfSigned,
} from '../protocol/root.ts';
import type { LibraryState, PullPorts } from './ports.ts';

/** Whose library a pack is of: nothing behind its head is looked at before this is known. */

const MAX_ROOT = 16 * 1024;

/** Key ids of the hubs that answers here are for: those of today, and those of earlier roots. */
export const addresseesOf = ({ root, former = [] }: LibraryState): readonly string[] => [
  ...Object.keys(root.hub.keys),
  ...former,
];

/** Verifies root chain and head, pins at first contact, and stores both. */
export const acceptHead = async (
  ports: PullPorts,
  pack: Pick<PackContent, 'sections'>,
  cut: boolean,
  signal: AbortSignal,
): Promise<LibraryState & { readonly head: Head }> => {
  const { platform, store } = ports;
  const known = await store.library();
  const headBytes = findSection(pack, SectionType.head);
  if (!headBytes) throw new RelaisError('no-link', { what: 'no head' });
  const rootsBytes = findSection(pack, SectionType.roots);
  const chain = rootsBytes ? checkSignedRoots(parseCanonical(rootsBytes)) : [];

  let root: Root;
  let identity: string;
  if (known) {
    identity = known.identity;
    root = await followRoots(platform, known.root, chain);
  } else {
    const [origin] = chain;
    if (!origin) throw new RelaisError(cut ? 'no-link' : 'tampered', { what: 'no root' });
    if (origin.signed.n !== 1) throw new RelaisError('tampered', { what: 'first root' });
    identity = rootIdentity(await verifySelfSigned(platform, origin));
    root = await followRoots(platform, origin.signed, chain);
  }
  const trusted = { root, identity, followed: known?.signed?.roots ?? [] };
  const { head, root: headRoot, fetched } = await headUnder(ports, trusted, headBytes, signal);
  const seen = known?.head?.seq ?? 0;
  if (head.seq < seen) throw new RelaisError('rollback', { seq: head.seq, seen });
  // The same tree, signed earlier: a mirror that lags behind. What is newer stays.
  const isStale = known?.head !== undefined && known.head.seq === head.seq && known.head.issued > head.issued;
  // Those up to the known root were passed over unread.
  const fresh = [...chain, ...fetched].filter(({ signed }) => signed.n > (known?.root.n ?? 0));
  const roots = [...(known?.signed?.roots ?? []), ...fresh];
  const signed = isStale ? known.signed && { head: known.signed.head, roots } : { head: headBytes, roots };
  const former = formerHubs(headRoot, known, fresh);
  const state = {
    root: headRoot,
    identity,
    head: isStale ? (known.head as Head) : head,
    table: known?.table,
    ...(signed && { signed }),
    ...(former.length > 0 && { former }),
  };
  await store.saveLibrary(state);
  return state;
};

/**
 * The hubs that answers here may be for, besides those of today: of all roots that were followed. What is below the known root was passed over
 * unread, and has been followed before. `fresh`: those that were followed now.
 */
const formerHubs = (root: Root, known: LibraryState | undefined, fresh: readonly SignedRoot[]): readonly string[] => {
  const before = [...(known ? [known.root] : []), ...fresh.map(({ signed }) => signed)];
  const ids = [...(known?.former ?? []), ...before.flatMap(({ hub }) => Object.keys(hub.keys))];
  return [...new Set(ids)].filter((id) => !Object.hasOwn(root.hub.keys, id));
};

/** Whether this says of a head that nothing behind it is wanted: it is older than what is here, or a stranger's. */
export const isUnwanted = (code: LogEntry['code']): boolean => code === 'rollback' || code === 'foreign-root';

/** Looks by its head alone whether the library that is there is wanted. Throws `rollback` or `foreign-root` where it is not, `no-link` where nobody answers. */
export const lookAtHead = async (ports: PullPorts, signal: AbortSignal): Promise<void> => {
  try {
    const head = await fetchJson(ports, '/c/head', signal);
    if (head) await acceptHead(ports, { sections: [{ type: SectionType.head, payload: head }] }, false, signal);
  } catch (error) {
    const isSilent = isOurs(error) && error.code === 'no-link' && 'why' in error.details;
    // A host may refuse a file without an ending, and have the packs.
    if (isUnwanted(codeOf(error, 'storage')) || isSilent) throw error;
  }
};

/** Pins a library of which no wanted shelf is there: by its head and its roots, each in a file of its own. */
export const meetLibrary = async (ports: PullPorts, signal: AbortSignal): Promise<void> => {
  const origin = await fetchRoot(ports, 1, signal);
  const head = await fetchJson(ports, '/c/head', signal);
  if (!origin || !head) return;
  const sections = [
    { type: SectionType.head, payload: head },
    { type: SectionType.roots, payload: canonicalBytes([origin]) },
  ];
  await acceptHead(ports, { sections }, false, signal);
};

interface Trusted {
  readonly root: Root;
  readonly identity: string;
  /** The roots that led here, as far as they are known. */
  readonly followed: readonly SignedRoot[];
}

/** The head, under our root, or under a later one that the tree still has. Names an older library and a stranger's as such. */
const headUnder = async (
  ports: PullPorts,
  trusted: Trusted,
  bytes: Uint8Array,
  signal: AbortSignal,
  fetched: readonly SignedRoot[] = [],
): Promise<{ head: Head; root: Root; fetched: readonly SignedRoot[] }> => {
  const { root, identity } = trusted;
  try {
    const head = await verifyHead(ports.platform, root, bytes);
    // A head under an older root than ours would take keys back; under a newer one, the chain leads there.
    if (head.root !== root.n)
      throw new RelaisError('tampered', { what: 'root of head', root: head.root, ours: root.n });
    return { head, root, fetched };
  } catch (error) {
    if (codeOf(error, 'storage') !== 'tampered') throw error;
    const former = await formerRoot(ports.platform, trusted, bytes);
    if (former) throw new RelaisError('rollback', { root: former.n, ours: root.n });
    const next = await fetchRoot(ports, root.n + 1, signal);
    if (next) {
      const followed = await followRoots(ports.platform, root, [next]);
      return headUnder(ports, { ...trusted, root: followed }, bytes, signal, [...fetched, next]);
    }
    const origin = await fetchRoot(ports, 1, signal);
    if (origin && rootIdentity(await verifySelfSigned(ports.platform, origin)) !== identity) {
      throw new RelaisError('foreign-root', { identity: rootIdentity(origin.signed) });
    }
    throw error;
  }
};

/** The earlier root that a head was signed under: a hub that has not heard of a change of keys still serves what it has. */
const formerRoot = async (platform: Platform, { followed }: Trusted, bytes: Uint8Array): Promise<Root | undefined> => {
  for (const { signed } of followed) {
    const head = await verifyHead(platform, signed, bytes).catch(() => undefined);
    if (head?.root === signed.n) return signed;
  }
  return undefined;
};

const fetchRoot = async (ports: PullPorts, n: number, signal: AbortSignal): Promise<SignedRoot | undefined> => {
  const bytes = await fetchJson(ports, `/c/root/${n}.json`, signal);
  return bytes && parseRoot(bytes);
};

/** A small file of the tree; undefined where there is none. Throws `no-link` where it is no JSON: it was cut, or is a portal's page. */
const fetchJson = async (ports: PullPorts, path: string, signal: AbortSignal): Promise<Uint8Array | undefined> => {
  const fetched = await ports.transport.get(path, MAX_ROOT, signal);
  if (!fetched.found) return undefined;
  try {
    JSON.parse(fromUtf8(fetched.bytes));
  } catch {
    const { length } = fetched.bytes;
    throw isPage(fetched.bytes)
      ? portalError({ bytes: length })
      : new RelaisError('no-link', { what: 'cut', bytes: length });
  }
  return fetched.bytes;
};
