import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * A disk that fills up, for a hub that is a process of its own: `NODE_OPTIONS=--import=FILE`, and in `ROOM_FILE` the path of a file that says how many bytes
 * there are left. No file: room enough. A write takes what there is, then fails as the system's own does. SQLite writes by itself, and knows nothing of it.
 */
const { readFileSync, writeFileSync, writeSync } = fs;
const roomFile = process.env.ROOM_FILE;

/** How many of so many bytes find room. */
const roomFor = (bytes) => {
  let room;
  try {
    room = Number(readFileSync(roomFile, 'utf8'));
  } catch {
    return bytes;
  }
  const taken = Math.min(room, bytes);
  writeFileSync(roomFile, String(room - taken));
  return taken;
};
const full = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

fs.writeSync = (handle, data, ...rest) => {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  if (roomFor(bytes.length) < bytes.length) throw full();
  return writeSync(handle, data, ...rest);
};
const handle = await fs.promises.open('/dev/null');
const { prototype } = handle.constructor;
await handle.close();
for (const name of ['appendFile', 'writeFile']) {
  const write = prototype[name];
  prototype[name] = async function (data, ...rest) {
    const bytes = Buffer.from(data);
    const taken = roomFor(bytes.length);
    await write.call(this, bytes.subarray(0, taken), ...rest);
    if (taken < bytes.length) throw full();
  };
}
syncBuiltinESMExports();
