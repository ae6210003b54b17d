import { z } from 'zod';
import { settingsChange, type SettingsChange } from './describe-changes.ts';
import { isSettingsPath } from './fields.ts';
import { type SettingsGroup, settingsLabels } from './labels.ts';
import type { VersionRow } from './load-settings.ts';

export type LabelledChange = SettingsChange & {
  readonly label: string;
  readonly group: SettingsGroup | null;
};

/** One version as the history shows it. */
export interface SettingsVersion {
  readonly version: number;
  readonly at: string;
  readonly by: string;
  readonly byKind: 'user' | 'key' | 'operator' | 'system';
  readonly sourceIp: string | null;
  /** The door by which it came in. */
  readonly from: 'portal' | 'API' | 'command line' | 'Mailroom';
  readonly origin: VersionRow['origin'];
  /** The project that it was copied from, and the version that was restored. */
  readonly copiedFrom: string | null;
  readonly restoredVersion: number | null;
  readonly isCurrent: boolean;
  readonly isEmpty: boolean;
  readonly changes: readonly LabelledChange[];
}

const originDetail = z.object({
  fromProject: z.string().nullable().default(null),
  restoredVersion: z.int().nullable().default(null),
});
const byKind = z.enum(['user', 'key', 'operator', 'system']);

const doors = {
  user: 'portal',
  key: 'API',
  operator: 'command line',
  system: 'Mailroom',
} as const;

/** Makes a row of the history from a row of the table. */
export function presentVersion(row: VersionRow, currentVersion: number | null): SettingsVersion {
  const detail = originDetail.parse(row.originDetail);
  const kind = byKind.parse(row.actorKind);
  return {
    version: row.version,
    at: row.createdAt.toISOString(),
    by: row.actorLabel,
    byKind: kind,
    sourceIp: row.sourceIp,
    from: doors[kind],
    origin: row.origin,
    copiedFrom: detail.fromProject,
    restoredVersion: detail.restoredVersion,
    isCurrent: row.version === currentVersion,
    isEmpty: row.document === null,
    changes: z.array(settingsChange).parse(row.changes).map(label),
  };
}

// A field that is no longer offered still reads by its path.
function label(change: SettingsChange): LabelledChange {
  if (!isSettingsPath(change.field)) return { ...change, label: change.field, group: null };
  return { ...change, ...settingsLabels[change.field] };
}
