import { PROTOCOL_VERSION } from '../../src/core/protocol/version.ts';
import { MemoryLibrary } from '../../src/store/memory-library.ts';
import { MemoryMedia } from '../../src/store/memory-media.ts';
import { MemoryOutbox } from '../../src/store/memory-outbox.ts';
import { blobStoreContract } from './blob-store.ts';
import { courierContract } from './courier.ts';
import { deviceAnswersContract, deviceLibraryContract } from './device-stores.ts';
import { libraryStoreContract, signedAlertsContract } from './library-store.ts';
import { outboxStoreContract } from './outbox-store.ts';

const openMemory = async () => ({ store: new MemoryLibrary(), close: async () => {} });
libraryStoreContract('MemoryLibrary', openMemory);
signedAlertsContract('MemoryLibrary', openMemory);

deviceLibraryContract('MemoryLibrary', async () => ({ store: new MemoryLibrary(), close: async () => {} }));

deviceAnswersContract('MemoryOutbox', async () => ({ store: new MemoryOutbox(), close: async () => {} }));

blobStoreContract('MemoryMedia', async () => ({ store: new MemoryMedia(), close: async () => {} }));

outboxStoreContract('MemoryOutbox', async () => {
  const store = new MemoryOutbox();
  let n = 0;
  return {
    store,
    async add({ body, hash, size, to }, id) {
      store.add({ header: { v: PROTOCOL_VERSION, id, hash, size, to, dev: 'd'.repeat(22), n: ++n }, body });
    },
    async look(id) {
      const outcome = store.outcome(id);
      return outcome && { body: 'hidden', receipt: outcome.receipt, code: outcome.code };
    },
    close: async () => {},
  };
});

courierContract('MemoryOutbox', async () => {
  const store = new MemoryOutbox();
  let n = 0;
  return {
    store,
    async add({ body, hash, size, to }, id) {
      store.add({ header: { v: PROTOCOL_VERSION, id, hash, size, to, dev: 'd'.repeat(22), n: ++n }, body });
    },
    close: async () => {},
  };
});
