/** What one row of the bench gives back: a ratio or a figure per pair, and whether a promise was broken meanwhile. */
export interface RowResult {
  /** One figure per pair, in the row's unit. */
  readonly values: readonly number[];
  /** Why the figures do not count: a mail was lost or unexpectedly repeated. Null when they do. */
  readonly void: string | null;
  /** Figures beside the row: commits per mail, rates of both sides. */
  readonly notes: readonly string[];
}

export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly title: string;
  readonly floor: number;
  readonly goal: number;
  /** Whether the floor is a least or a most. */
  readonly bound: 'least' | 'most';
  run(pairs: number): Promise<RowResult>;
}

export interface RowReport {
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly spread: number;
  readonly pairs: number;
  readonly void: string | null;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Half the range between the smallest and the largest figure, as a share of the median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

export function reportOf(row: BenchRow, result: RowResult): RowReport {
  return {
    value: round(median(result.values)),
    unit: row.unit,
    floor: row.floor,
    spread: round(spread(result.values)),
    pairs: result.values.length,
    void: result.void,
  };
}

/** Whether the row keeps its floor; a void row does not. */
export function holds(row: BenchRow, report: RowReport): boolean {
  if (report.void !== null) return false;
  return row.bound === 'least' ? report.value >= row.floor : report.value <= row.floor;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
