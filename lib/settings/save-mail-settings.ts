import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { applySettings, type SavedMailSettings } from './apply-settings.ts';
import { whileSending } from './check-sending.ts';
import { checkVersion } from './check-version.ts';
import { lockProject } from './load-settings.ts';
import { mailSettingsInput, type MailSettingsFields } from './schemas.ts';

const saveChoices = z.strictObject({
  /** The version that the form started from; null where the project was not set up. */
  expectedVersion: z.int().min(1).nullable(),
  whileSending,
});

export interface SaveMailSettings extends z.input<typeof saveChoices> {
  /** Id or short name. */
  readonly project: string;
  readonly input: MailSettingsFields;
}

/**
 * Saves a version of the project's mail settings. Throws `version_conflict` (who saved first), `sending_active` (the
 * dialog of PRODUCT 2.12 is to be asked), `secret_required` (PRODUCT 2.18) or `invalid_input` by field.
 */
export function saveMailSettings(
  ctx: Context,
  { project: reference, input, ...choices }: SaveMailSettings,
): Promise<SavedMailSettings> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.write', found.id);
    // Parsed apart from the choices, so that a fault names the field as the form knows it.
    const settings = parseInput(mailSettingsInput, input);
    const given = parseInput(saveChoices, choices);
    const project = requireActive(await lockProject(tx, found));
    await checkVersion(tx, project, given.expectedVersion);
    return applySettings(tx, ctx, project, {
      input: settings,
      whileSending: given.whileSending,
      origin: 'saved',
      originDetail: {},
    });
  });
}
