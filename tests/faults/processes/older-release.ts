import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '#scripts/portal-build.ts';
import type { Fault } from '../fault.ts';

/** Facts, fault 23, with the real thing: the code from before the newest migration, where the history is at hand. */
export const olderRelease: Fault = {
  name: 'older-release',
  title:
    'a worker of the code from before the newest migration works beside one of today on the schema of today',
  needs: 'workers',
  isLong: true,
  withinMs: 240_000,
  run: async (ground) => {
    const folder = join(ground.home, 'older');
    if (!(await checkOut(folder))) {
      ground.say('left out: this checkout has no history');
      return;
    }
    const sink = await ground.startFastSink();
    const desks = [await ground.openDesk(sink), await ground.openDesk(sink)];
    const older = await ground.startWorker({ folder, program: [join(folder, 'worker', 'main.ts')] });
    await Promise.all(desks.map((desk) => desk.accept(400)));
    await sink.mailbox.reached(50 + ground.random.below(200));
    const newer = await ground.startWorker();
    await Promise.all(desks.map((desk) => desk.accept(200)));
    await Promise.all(desks.map((desk) => desk.settled()));
    // The older one alone again, as where a release is taken back.
    assert.equal((await newer.stop()).code, 0);
    await Promise.all(desks.map((desk) => desk.accept(50)));
    await Promise.all(desks.map((desk) => desk.settled()));
    assert.equal((await older.stop()).code, 0);
    assert.equal(sink.mailbox.arrivals.length, 1_300);
    await ground.startWorker();
  },
};

/** Puts the code from before the newest migration into a folder. False where git does not know it. */
async function checkOut(folder: string): Promise<boolean> {
  const files = await readdir(join(projectRoot, 'db', 'migrations'));
  const newest =
    files
      .filter((name) => name.endsWith('.sql'))
      .toSorted()
      .at(-1) ?? '';
  const added = ['log', '--diff-filter=A', '--format=%H', '--', `db/migrations/${newest}`];
  const commit = git(added)?.toString().trim().split('\n').at(-1) ?? '';
  const archive = commit === '' ? null : git(['archive', `${commit}~1`]);
  if (archive === null) return false;
  await mkdir(folder);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive });
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  return unpacked.status === 0;
}

function git(args: readonly string[]): Buffer | null {
  const { status, stdout } = spawnSync('git', args, { cwd: projectRoot, maxBuffer: 1e9 });
  return status === 0 ? stdout : null;
}
