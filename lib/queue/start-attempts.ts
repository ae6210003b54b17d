import { asDrain, type Database, type Transaction } from '#db/client.ts';
import { overrideBits } from '#lib/policy/hold-reasons.ts';
import { decideMarks, type MarkDecision, type StartingMail } from '#lib/policy/room-for-marks.ts';
import { createGroupedBatch } from './grouped-batch.ts';
import { lockForMarks, untilSafe, type LockedProject, type LockedScope } from './lock-for-marks.ts';
import type { StartAnswer, StartMark } from './start-mark.ts';
import { writeMarks, type GrantedMark } from './write-marks.ts';

export interface StartBatch {
  start(mark: StartMark): Promise<StartAnswer>;
}

export interface StartOptions {
  now(): number;
  /** Which of the slots this worker counts in where no limit is to be kept. */
  readonly slot: number;
  onStarted(mark: StartMark): void;
}

const maxMarks = 500;

/**
 * Marks of all lanes of a worker share statements and commits. Each is fenced: the lane's row is locked for share, so
 * whoever takes the lease over either sees the mark or makes it fail. So is the project's: a pause or a save that is
 * committed stands before every mark that is not. A mail is counted in its limits with its mark, under their lock: so
 * no limit is ever passed, and nothing that did not start is counted (PRODUCT 5.3).
 */
export function createStartBatch(database: Database, options: StartOptions): StartBatch {
  const batch = createGroupedBatch<StartMark, StartAnswer>({
    groupOf: ({ projectId }) => projectId,
    maxItems: maxMarks,
    gapMs: 0,
    maxRunning: 2,
    now: () => options.now(),
    run: async (marks, lockWaitMs) => {
      const work = (tx: Transaction) => setMarks(tx, marks, options.slot);
      const { answers, commitsEarly } = await asDrain(database, work, { lockWaitMs });
      if (commitsEarly) await untilSafe(database);
      for (const [index, mark] of marks.entries()) if (answers[index] === 'started') options.onStarted(mark);
      return answers;
    },
  });
  return { start: (mark) => batch.add(mark) };
}

async function setMarks(
  tx: Transaction,
  marks: readonly StartMark[],
  slot: number,
): Promise<{ answers: readonly StartAnswer[]; commitsEarly: boolean }> {
  const locked = await lockForMarks(tx, marks);
  const answers: StartAnswer[] = marks.map(() => 'refused');
  const asked: AskedMark[] = [];
  for (const [index, mark] of marks.entries()) {
    const project = locked.projects.get(mark.projectId);
    const { laneId, generation, workerId } = mark.lease;
    const lane = locked.lanes.get(laneId);
    if (project === undefined || project.laneId !== laneId) continue;
    if (lane === undefined || lane.generation !== generation || lane.holder !== workerId) continue;
    if (project.settingsVersion === mark.settingsVersion) asked.push({ index, mark, project });
    else answers[index] = 'stale_settings';
  }
  const decisions = decideAsked(asked, locked.scopes);
  const granted: GrantedMark[] = [];
  const places: number[] = [];
  for (const [place, { index, mark, project }] of asked.entries()) {
    const decision = decisions[place];
    if (decision?.kind !== 'start') {
      answers[index] = 'no_room';
      continue;
    }
    granted.push({ mark, project, passed: decision.passed });
    places.push(index);
  }
  const refused = await writeMarks(tx, granted, { ...locked, slot });
  for (const [place, index] of places.entries()) if (!refused.has(place)) answers[index] = 'started';
  return { answers, commitsEarly: locked.commitsEarly };
}

interface AskedMark {
  readonly index: number;
  readonly mark: StartMark;
  readonly project: LockedProject;
}

const goes: MarkDecision = { kind: 'start', passed: [] };

function decideAsked(asked: readonly AskedMark[], scopes: readonly LockedScope[]): readonly MarkDecision[] {
  // Nothing limits most mail.
  if (scopes.every(({ mailsPerDay }) => mailsPerDay === null)) return asked.map(() => goes);
  return decideMarks(
    asked.map(({ mark, project }) => startingMail(mark, project)),
    scopes,
  );
}

function startingMail(mark: StartMark, project: LockedProject): StartingMail {
  return {
    isHigh: mark.isHigh,
    needsNone: mark.isCounted || mark.isExempt,
    mayPass: (mark.overrides & overrideBits.dayLimit) !== 0,
    scopes: [project.protocolScopeId, project.ownScopeId],
  };
}
