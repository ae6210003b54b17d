/** Mails of one day; `day` is "2026-11-20" in the organization's zone. */
export type ChartDay = {
  day: string;
  sent: number;
  held: number;
  /** Null: no limit on that day. */
  limit: number | null;
};

export type LimitChartProps = {
  /** Oldest first; the last is today. */
  days: ReadonlyArray<ChartDay>;
  /** What the chart is called when read out. */
  label: string;
  /** Mails expected by the end of today. */
  expected?: number | null | undefined;
  /** A limit that is being considered; drawn dashed. */
  proposed?: number | null | undefined;
};

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** "2026-11-04" → "4 Nov". */
export function dayWord(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}
