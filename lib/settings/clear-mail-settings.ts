import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { checkVersion } from './check-version.ts';
import { describeChanges } from './describe-changes.ts';
import { loadCurrentDocument, lockProject } from './load-settings.ts';
import { clearLane, writeVersion } from './write-version.ts';

const clearInput = z.strictObject({ expectedVersion: z.int().min(1) });

export interface ClearMailSettings extends z.input<typeof clearInput> {
  readonly project: string;
}

/** Clears the settings. Unfinished mail stays queued until the project is set up again; nothing is lost. */
export function clearMailSettings(
  ctx: Context,
  { project: reference, ...rest }: ClearMailSettings,
): Promise<{ version: number; laneId: string }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.write', found.id);
    const { expectedVersion } = parseInput(clearInput, rest);
    const project = requireActive(await lockProject(tx, found));
    await checkVersion(tx, project, expectedVersion);
    const before = await loadCurrentDocument(tx, project);
    if (before === null) throw new DomainError('not_set_up', 'The mail settings are not set up.');
    const version = await writeVersion(tx, ctx, project, {
      document: null,
      origin: 'cleared',
      changes: describeChanges(before, null),
    });
    await clearLane(tx, ctx, project, 'settings_cleared');
    return { version, laneId: project.laneId };
  });
}
