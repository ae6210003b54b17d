import { beforeAll, expect, test } from 'vitest';
import { killedResume } from '#tests/faults/killed-resume.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});

test('a bulk resume outlives a killed worker: another finishes it, none is resumed twice', async () => {
  const mails = 60_000;
  const result = await killedResume(db, mails);
  expect(result.doneAtKill).toBeLessThan(mails);
  expect(result).toMatchObject({
    timesResumed: [{ times: 1, mails }],
    queued: mails,
    left: 0,
    run: { state: 'done', expected: mails, done: mails, skipped: 0 },
    audited: [
      { action: 'backlog.resumed' },
      { action: 'backlog.run_finished', detail: { kind: 'resume', mails, skipped: 0 } },
    ],
  });
});
