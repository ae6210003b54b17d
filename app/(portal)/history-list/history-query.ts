import { isId } from '#lib/ids.ts';
import type { ListAuditEntries } from '#lib/audit/list-audit-entries.ts';

/** Names in the address. */
export const historyParams = {
  by: 'by',
  action: 'action',
  since: 'since',
  until: 'until',
  entry: 'entry',
} as const;

export type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

type Filters = Pick<ListAuditEntries, 'by' | 'action' | 'since' | 'until'>;

export interface HistoryQuery {
  readonly filters: Filters;
  readonly page: { readonly before?: string; readonly after?: string };
  /** The entry whose panel is open. */
  readonly entry: string | null;
}

const dayMs = 24 * 3_600_000;

/** Reads the address; what cannot be read counts as not there. "Until" a day means with that day. */
export function readHistoryQuery(params: SearchParams): HistoryQuery {
  const text = (name: string): string | undefined => {
    const value = params[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const by = text(historyParams.by)?.slice(0, 400);
  const action = text(historyParams.action);
  const since = readDay(text(historyParams.since));
  const until = readDay(text(historyParams.until));
  // The list's "after" is the page that follows, which is older.
  const older = text('after');
  const newer = text('before');
  return {
    filters: {
      ...(by === undefined ? {} : { by }),
      ...(action !== undefined && /^[a-z_]+(?:\.[a-z_]+)?$/.test(action) ? { action } : {}),
      ...(since === null ? {} : { since }),
      ...(until === null ? {} : { until: new Date(until.getTime() + dayMs - 1) }),
    },
    page: {
      ...(older !== undefined && isId(older) ? { before: older } : {}),
      ...(newer !== undefined && isId(newer) ? { after: newer } : {}),
    },
    entry: text(historyParams.entry) ?? null,
  };
}

function readDay(text: string | undefined): Date | null {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const day = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(day.getTime()) ? null : day;
}
