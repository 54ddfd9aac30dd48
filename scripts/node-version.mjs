/** Says in one sentence that this Node is too old, and ends. Plain syntax: old versions have to read it. */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Relais needs Node 24 or later to run; this is ${process.version}. On Linux, "npm ci" brings it along: use "npm start".`,
  );
  process.exit(1);
}
