/**
 * `unshare -m node small-disk-program.ts folder`: a Postgres on a file system of its own, in a mount namespace that ends
 * with this program. Told "fill" it leaves no byte free, told "free" it gives the room back; Postgres is started again
 * whenever it has ended, as a service manager does.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#db/embedded.ts';

const [, , disk = ''] = process.argv;
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300m,mode=711', 'none', disk]);
if (mounted.status !== 0) throw new Error(`No file system of its own: ${mounted.stderr.toString()}`);
const folder = join(disk, 'postgres');
await mkdir(folder);
await chmod(folder, 0o711);
const ballast = join(disk, 'ballast');
const settings = {
  max_connections: 60,
  max_wal_size: '64MB',
  min_wal_size: '32MB',
  shared_buffers: '32MB',
  fsync: 'off',
};

let isEnding = false;
let server = await startEmbeddedPostgres({ folder, settings });
const { port } = server;
process.on('message', (message) => void answer(String(message)));
process.on('disconnect', () => void end());
process.send?.({ event: 'started', address: server.address('%s') });
void keepRunning(server);

async function keepRunning(first: EmbeddedPostgres): Promise<void> {
  for (let running = first; ;) {
    await running.exited;
    await pause(500);
    if (isEnding) return;
    const again = await startEmbeddedPostgres({ folder, settings }).catch(() => null);
    if (again === null) continue;
    if (again.port !== port) throw new Error('Postgres came back at another port');
    running = again;
    server = again;
  }
}

async function answer(what: string): Promise<void> {
  if (what === 'fill') await fill();
  else await rm(ballast, { force: true });
  process.send?.({ event: 'done' });
}

async function fill(): Promise<void> {
  const file = await open(ballast, 'w');
  // Large pieces first, then what is left byte by page.
  for (const size of [1_000_000, 4_096]) {
    const piece = Buffer.alloc(size);
    for (let isFull = false; !isFull;) {
      isFull = await file.write(piece).then(
        ({ bytesWritten }) => bytesWritten < size,
        () => true,
      );
    }
  }
  await file.close();
}

async function end(): Promise<void> {
  isEnding = true;
  await server.stop();
  process.exit(0);
}
