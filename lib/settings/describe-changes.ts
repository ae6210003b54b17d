import { z } from 'zod';
import { fieldDiffers, fieldText, secretOf, settingsPaths } from './fields.ts';
import { savedSecretId } from './plan-secrets.ts';
import type { MailSettingsDocument } from './schemas.ts';

/** One field of one change: both values as they read, a secret only as what happened to it. */
export const settingsChange = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('value'),
    field: z.string(),
    before: z.string().nullable(),
    after: z.string().nullable(),
  }),
  z.strictObject({
    kind: z.literal('secret'),
    field: z.string(),
    change: z.enum(['set', 'changed', 'removed']),
  }),
]);
export type SettingsChange = z.infer<typeof settingsChange>;

/** Field by field from one document to the next; null: not set up. Pure. */
export function describeChanges(
  before: MailSettingsDocument | null,
  after: MailSettingsDocument | null,
): SettingsChange[] {
  return settingsPaths.flatMap((field): SettingsChange[] => {
    const purpose = secretOf(field);
    if (purpose !== null) {
      const change = secretChange(
        before === null ? null : savedSecretId(purpose, before),
        after === null ? null : savedSecretId(purpose, after),
      );
      return change === null ? [] : [{ kind: 'secret', field, change }];
    }
    if (before !== null && after !== null && !fieldDiffers(field, before, after)) return [];
    const texts = {
      before: before === null ? null : fieldText(field, before),
      after: after === null ? null : fieldText(field, after),
    };
    return texts.before === null && texts.after === null ? [] : [{ kind: 'value', field, ...texts }];
  });
}

function secretChange(before: string | null, after: string | null): 'set' | 'changed' | 'removed' | null {
  if (before === after) return null;
  if (before === null) return 'set';
  return after === null ? 'removed' : 'changed';
}
