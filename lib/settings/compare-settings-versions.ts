import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { toInput } from './convert.ts';
import { type SecretPurpose, secretPurposes } from './field-rule.ts';
import {
  fieldDiffers,
  fieldText,
  movedDestinations,
  secretOf,
  secretPaths,
  settingsPaths,
} from './fields.ts';
import { type SettingsGroup, settingsLabels, type SettingsPath } from './labels.ts';
import { documentOf, loadCurrentDocument, loadSecretViews, loadVersion } from './load-settings.ts';
import { savedSecretId } from './plan-secrets.ts';
import { presentVersion, type SettingsVersion } from './present-version.ts';
import type { MailSettingsDocument, SecretView } from './schemas.ts';

const compareInput = z.strictObject({
  project: z.string(),
  from: z.int().min(1),
  to: z.int().min(1),
});

/** One field of both versions; a secret as when and by whom it was set. */
export type ComparedField = {
  readonly field: SettingsPath;
  readonly label: string;
  readonly group: SettingsGroup;
  readonly isDifferent: boolean;
} & (
  | { readonly kind: 'value'; readonly from: string | null; readonly to: string | null }
  | { readonly kind: 'secret'; readonly from: SecretView | null; readonly to: SecretView | null }
);

export interface ComparedVersions {
  readonly from: SettingsVersion;
  readonly to: SettingsVersion;
  /** Every field that applies in one of the two, in the order of the form. */
  readonly fields: readonly ComparedField[];
  /** The secrets that restoring `from` asks for, because they would go to another place; null: it is empty. */
  readonly restoreAsksFor: readonly SettingsPath[] | null;
}

interface Side {
  readonly document: MailSettingsDocument | null;
  readonly shown: SettingsVersion;
  readonly secrets: ReadonlyMap<string, SecretView>;
}

/** Sets two versions side by side, field by field. */
export function compareSettingsVersions(
  ctx: Context,
  input: z.input<typeof compareInput>,
): Promise<ComparedVersions> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(compareInput, input);
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'settings.read', project.id);
    const from = await loadSide(tx, project, given.from);
    const to = await loadSide(tx, project, given.to);
    const current = await loadCurrentDocument(tx, project);
    return {
      from: from.shown,
      to: to.shown,
      fields: settingsPaths.flatMap((field) => compareField(field, from, to) ?? []),
      restoreAsksFor: from.document === null ? null : secretsAskedFor(current, from.document),
    };
  });
}

async function loadSide(tx: Transaction, project: ProjectRow, version: number): Promise<Side> {
  const row = await loadVersion(tx, project, version);
  const document = documentOf(row);
  return {
    document,
    shown: presentVersion(row, project.settingsVersion),
    secrets: document === null ? new Map() : await loadSecretViews(tx, document),
  };
}

function compareField(field: SettingsPath, from: Side, to: Side): ComparedField | null {
  const named = { field, ...settingsLabels[field] };
  const purpose = secretOf(field);
  if (purpose !== null) {
    const ids = [secretIdOf(purpose, from), secretIdOf(purpose, to)];
    if (ids.every((id) => id === null)) return null;
    const views = { from: secretViewOf(purpose, from), to: secretViewOf(purpose, to) };
    return { kind: 'secret', ...named, ...views, isDifferent: ids[0] !== ids[1] };
  }
  const texts = {
    from: from.document === null ? null : fieldText(field, from.document),
    to: to.document === null ? null : fieldText(field, to.document),
  };
  if (texts.from === null && texts.to === null) return null;
  const isDifferent =
    from.document === null || to.document === null
      ? texts.from !== texts.to
      : fieldDiffers(field, from.document, to.document);
  return { kind: 'value', ...named, ...texts, isDifferent };
}

function secretIdOf(purpose: SecretPurpose, { document }: Side): string | null {
  return document === null ? null : savedSecretId(purpose, document);
}

function secretViewOf(purpose: SecretPurpose, side: Side): SecretView | null {
  const id = secretIdOf(purpose, side);
  return id === null ? null : (side.secrets.get(id) ?? null);
}

function secretsAskedFor(
  current: MailSettingsDocument | null,
  restored: MailSettingsDocument,
): SettingsPath[] {
  const input = toInput(restored);
  return secretPurposes
    .filter((purpose) => savedSecretId(purpose, restored) !== null)
    .filter(
      (purpose) =>
        current === null ||
        savedSecretId(purpose, current) === null ||
        movedDestinations(purpose, current, input).length > 0,
    )
    .map((purpose) => secretPaths[purpose]);
}
