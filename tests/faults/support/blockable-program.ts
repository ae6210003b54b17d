/** `node --import blockable-program.ts program`: told by SIGUSR2, its event loop stands still for longer than a lease. */
const blockedMs = 10_000;

process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMs);
});
