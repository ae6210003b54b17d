import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { checkRetrySchedule } from '../settings/check-retry-schedule.ts';
import { checkVersion } from '../settings/check-version.ts';
import { describeChanges, type SettingsChange } from '../settings/describe-changes.ts';
import { loadCurrentDocument, lockProject } from '../settings/load-settings.ts';
import { writeVersion } from '../settings/write-version.ts';
import { deliveryInput } from './schemas.ts';

const saveInput = deliveryInput.extend({
  /** The version that the form started from. */
  expectedVersion: z.int().min(1),
});

export interface SavedDelivery {
  readonly version: number;
  readonly changes: readonly SettingsChange[];
}

/**
 * Changes how mail is tried again, as a version of the mail settings: it holds from the next result on, for mail that
 * was accepted before too. Nothing about the server changes, so a stop, a wait and the alternate stay, and nobody is
 * asked to pause. Throws `version_conflict`, or `invalid_input` by field.
 */
export function saveDelivery(ctx: Context, given: z.input<typeof saveInput>): Promise<SavedDelivery> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference, rules, expectedVersion } = parseInput(saveInput, given);
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.write', found.id);
    const project = requireActive(await lockProject(tx, found));
    const before = await loadCurrentDocument(tx, project);
    if (before === null) throw new DomainError('wrong_state', 'Set the mail of this project up first.');
    await checkVersion(tx, project, expectedVersion);
    const document = { ...before, sending: { ...before.sending, ...rules } };
    const changes = describeChanges(before, document);
    if (changes.length === 0) return { version: expectedVersion, changes };
    if (changes.some(({ field }) => field.startsWith('sending.retry.'))) {
      checkRetrySchedule(rules.retry, 'rules.retry.giveUpAfterHours');
    }
    const version = await writeVersion(tx, ctx, project, { document, origin: 'saved', changes });
    return { version, changes };
  });
}
