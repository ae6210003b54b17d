import type { KeyScope } from '#lib/access/roles.ts';
import type { SendingMode } from '#lib/settings/schemas.ts';

export type KeyEnd = 'never' | '30' | '90' | '365' | 'date';

/** What the form holds: everything as it is typed. */
export interface KeyValues {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly end: KeyEnd;
  /** "2027-01-31", for `end: 'date'`. */
  readonly endDate: string;
  readonly mode: 'project' | Exclude<SendingMode['kind'], 'live'>;
  readonly redirectTo: string;
  /** One address or domain a line. */
  readonly allowList: string;
  readonly allowedSenders: string;
}

export const noValues: KeyValues = {
  name: '',
  scopes: ['send', 'read'],
  end: 'never',
  endDate: '',
  mode: 'project',
  redirectTo: '',
  allowList: '',
  allowedSenders: '',
};

const dayMs = 24 * 3_600_000;

/** What the verb takes; the verb checks it. */
export function keyInput(values: KeyValues, now: Date) {
  const senders = lines(values.allowedSenders);
  return {
    name: values.name,
    scopes: [...values.scopes],
    expiresAt: endOf(values, now),
    sendingMode: modeOf(values),
    allowedSenders: senders.length === 0 ? null : senders,
  };
}

function endOf({ end, endDate }: KeyValues, now: Date): string | null {
  switch (end) {
    case 'never':
      return null;
    case 'date':
      // The whole day counts, in the reader's own zone. A date that cannot be read is the verb's to refuse.
      return dateOf(endDate)?.toISOString() ?? endDate;
    case '30':
    case '90':
    case '365':
      return new Date(now.getTime() + Number(end) * dayMs).toISOString();
    default:
      return end satisfies never;
  }
}

function dateOf(text: string): Date | null {
  const date = new Date(`${text}T23:59:59`);
  return Number.isNaN(date.getTime()) ? null : date;
}

function modeOf({ mode, redirectTo, allowList }: KeyValues): SendingMode | null {
  switch (mode) {
    case 'project':
      return null;
    case 'capture':
      return { kind: 'capture' };
    case 'redirect':
      return { kind: 'redirect', to: redirectTo };
    case 'allow_list':
      return { kind: 'allow_list', entries: lines(allowList) };
    default:
      return mode satisfies never;
  }
}

function lines(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
