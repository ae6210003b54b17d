import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandIns, standInsFile, startStandIns } from '#scripts/stand-ins.ts';

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'mailroom-stand-ins-'));
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

const said: string[] = [];

/** Starts them, and ends them when all listen. */
async function startOnce(): Promise<{ now: StandIns; before: StandIns | null }> {
  const running = await startStandIns({
    dataFolder,
    inboxFolder: join(dataFolder, 'inbox'),
    portalUrl: 'http://localhost:3000',
    say: (line) => said.push(line),
  });
  const ready = await running.ready;
  await running.stop();
  if (ready === null) throw new Error(`the stand-ins have not started: ${said.join(' ')}`);
  return ready;
}

test('the stand-ins keep addresses and passwords over their ends, and make room for a taken port', async () => {
  const first = await startOnce();
  expect(first.before).toBeNull();
  expect((await stat(standInsFile(dataFolder))).mode & 0o077).toBe(0);

  const stranger = createServer().listen(first.now.ports.graph, '127.0.0.1');
  // Should another program have it by now, it is taken all the same.
  await Promise.race([once(stranger, 'listening'), new Promise((taken) => stranger.once('error', taken))]);
  const second = await startOnce();
  stranger.close();
  expect(second.before).toEqual(first.now);
  expect(second.now.ports.graph).not.toBe(first.now.ports.graph);
  expect({ ...second.now, ports: null }).toEqual({ ...first.now, ports: null });
  expect(said).toEqual([]);
});
