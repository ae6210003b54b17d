import { type PoolPreset, poolPresets } from '#lib/pools/presets.ts';
import type { PoolView } from '#lib/pools/list-pools.ts';
import { type PoolInput, type PoolKind, poolPresetIds } from '#lib/pools/schemas.ts';
import { formatNumber } from '#app/_ui/format-number.ts';
import { readTypedNumber } from '../../../limits/typed-number.ts';

/** The form as it is typed. */
export interface PoolValues {
  readonly name: string;
  readonly kind: PoolKind;
  readonly preset: string;
  readonly mailsPerMinute: string;
  readonly mailsPerHour: string;
  readonly recipientsPerDay: string;
  readonly megabytes: string;
  readonly connections: string;
  readonly reservePercent: string;
  readonly reserveRecipients: string;
  /** Slugs of the projects that draw from it. */
  readonly projects: readonly string[];
}

/** Fields that are numbers, in the order of the form, with what they are called. */
export const figureFields = [
  {
    key: 'mailsPerMinute',
    field: 'mailsPerMinute',
    label: 'Mails a minute',
    unit: 'spread evenly, over all workers',
  },
  {
    key: 'mailsPerHour',
    field: 'mailsPerHour',
    label: 'Mails an hour',
    unit: 'a tenth of them may go at once after a rest',
  },
  {
    key: 'recipientsPerDay',
    field: 'recipientsPerDay',
    label: 'Recipients in 24 hours',
    unit: 'a quota: what is past it is held',
  },
  {
    key: 'megabytes',
    field: 'bytesPerFiveMinutes',
    label: 'MB in 5 minutes',
    unit: 'mails with attachments, mostly',
  },
  {
    key: 'connections',
    field: 'connections',
    label: 'Connections at once',
    unit: 'over all workers and projects',
  },
] as const;

const bytesPerMegabyte = 1_000_000;

function shown(figure: number | null): string {
  return figure === null ? '' : formatNumber(figure);
}

function figureValues(figures: PoolPreset['figures']) {
  const { bytesPerFiveMinutes } = figures;
  return {
    mailsPerMinute: shown(figures.mailsPerMinute),
    mailsPerHour: shown(figures.mailsPerHour),
    recipientsPerDay: shown(figures.recipientsPerDay),
    megabytes: shown(bytesPerFiveMinutes === null ? null : bytesPerFiveMinutes / bytesPerMegabyte),
    connections: shown(figures.connections),
  };
}

/** What a provider grants by its own pages. */
export function presetValues(id: string): Partial<PoolValues> {
  const preset = poolPresets.find((each) => each.id === id);
  return preset === undefined
    ? {}
    : { preset: preset.id, kind: preset.kind, ...figureValues(preset.figures) };
}

export function newValues(given: { preset: string; name: string; projects: readonly string[] }): PoolValues {
  return {
    name: given.name,
    kind: 'mailbox',
    preset: 'other',
    mailsPerMinute: '',
    mailsPerHour: '',
    recipientsPerDay: '',
    megabytes: '',
    connections: '',
    reservePercent: '0',
    reserveRecipients: '0',
    projects: given.projects,
    ...presetValues(given.preset),
  };
}

export function valuesOf(pool: PoolView): PoolValues {
  return {
    name: pool.name,
    kind: pool.kind,
    preset: pool.preset,
    ...figureValues(pool.figures),
    reservePercent: shown(pool.figures.reservePercent),
    reserveRecipients: shown(pool.figures.reserveRecipients),
    projects: pool.projects.map(({ slug }) => slug),
  };
}

/** What the verb takes, or the fields that are no numbers. */
export function inputOf(
  values: PoolValues,
): { input: PoolInput } | { unclear: Readonly<Record<string, string>> } {
  const unclear: Record<string, string> = {};
  const numberOf = (text: string, field: string): number | null => {
    const typed = readTypedNumber(text);
    if (typed.kind === 'unclear') unclear[field] = typed.message;
    return typed.kind === 'number' ? typed.value : null;
  };
  const megabytes = numberOf(values.megabytes, 'bytesPerFiveMinutes');
  const preset = poolPresetIds.find((id) => id === values.preset) ?? 'other';
  const input: PoolInput = {
    name: values.name,
    kind: values.kind,
    preset,
    mailsPerMinute: numberOf(values.mailsPerMinute, 'mailsPerMinute'),
    mailsPerHour: numberOf(values.mailsPerHour, 'mailsPerHour'),
    recipientsPerDay: numberOf(values.recipientsPerDay, 'recipientsPerDay'),
    bytesPerFiveMinutes: megabytes === null ? null : megabytes * bytesPerMegabyte,
    connections: numberOf(values.connections, 'connections'),
    reservePercent: numberOf(values.reservePercent, 'reservePercent') ?? 0,
    reserveRecipients: numberOf(values.reserveRecipients, 'reserveRecipients') ?? 0,
  };
  return Object.keys(unclear).length === 0 ? { input } : { unclear };
}
