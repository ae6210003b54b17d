import { z } from 'zod';
import type { Context } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { heldSelection, pacePerMinute, resumeOverrides } from './schemas.ts';
import { beginBulkRun } from './start-bulk-run.ts';
import type { BulkRunView } from './views.ts';

const [chosen, matching] = heldSelection.options;

const resumeFields = {
  overrides: resumeOverrides.optional().meta({
    description:
      'Limits that these mails and their retries pass. Where one that is not named would hold some of them again, nothing is resumed and the answer says so (`held_again`)',
  }),
  mayWait: z.boolean().optional().meta({
    description:
      'It is fine that limits hold some of them again: what has room goes, the rest waits in the backlog',
  }),
  pacePerMinute: pacePerMinute.optional().meta({ description: 'At most so many a minute' }),
};

/** Bodies of a call: chosen mails, or all that match a filter, and what a resume of them may pass. */
export const resumeChosen = z.strictObject({ ...chosen.shape, ...resumeFields });
export const resumeMatching = z.strictObject({ ...matching.shape, ...resumeFields });
export const [suspendChosen, suspendMatching] = heldSelection.options;

/** Resumes as a program asks for it. */
export function requestResume(ctx: Context, project: string, body: unknown): Promise<BulkRunView> {
  const {
    overrides,
    mayWait = false,
    pacePerMinute: pace,
    ...selection
  } = parseInput(z.union([resumeChosen, resumeMatching]), body);
  return beginBulkRun(ctx, {
    project,
    kind: 'resume',
    selection,
    overrides: overrides ?? { dayLimit: false, recipientsLimit: false },
    mayWait,
    pacePerMinute: pace ?? null,
  });
}

/** Suspends as a program asks for it. */
export function requestSuspend(ctx: Context, project: string, body: unknown): Promise<BulkRunView> {
  return beginBulkRun(ctx, {
    project,
    kind: 'suspend',
    selection: parseInput(heldSelection, body),
    overrides: { dayLimit: false, recipientsLimit: false },
    mayWait: true,
    pacePerMinute: null,
  });
}
