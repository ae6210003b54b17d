import type { FaultResult } from './run-fault.ts';

const columns = ['accepted', 'delivered', 'repeated', 'unmarked', 'lost', 'stall ms', 'seconds'] as const;

export const headLine = `     ${'fault'.padEnd(26)}${columns.map((name) => name.padStart(10)).join('')}`;

/** A fault in one line of the table, with what it did and why it did harm below. */
export function resultLine({ name, title, audit, stallMs, tookMs, notes, harm }: FaultResult): string {
  const figures = [
    audit.accepted,
    audit.delivered,
    audit.repeatedMarked,
    audit.repeatedUnmarked,
    audit.lost,
    stallMs === null ? '–' : Math.round(stallMs),
    (tookMs / 1000).toFixed(1),
  ];
  const lines = [
    `${harm === null ? 'ok  ' : 'HARM'} ${name.padEnd(26)}${figures.map((each) => String(each).padStart(10)).join('')}`,
    `       ${title}`,
    ...notes.map((note) => `       ${note}`),
  ];
  if (harm !== null) lines.push(`       HARM: ${harm}`);
  return lines.join('\n');
}

/** All faults together. */
export function totalLine(results: readonly FaultResult[], tookMs: number): string {
  const sum = (pick: (result: FaultResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const worst = Math.max(0, ...results.map(({ stallMs }) => stallMs ?? 0));
  const harmful = results.filter(({ harm }) => harm !== null);
  return [
    '',
    `${results.length} faults: ${sum(({ audit }) => audit.accepted)} mails accepted, ` +
      `${sum(({ audit }) => audit.delivered)} delivered, ${sum(({ audit }) => audit.repeatedMarked)} repeated and marked, ` +
      `${sum(({ audit }) => audit.repeatedUnmarked)} repeated unmarked, ${sum(({ audit }) => audit.lost)} lost.`,
    `Longest stall of a project that had no part in it: ${Math.round(worst)} ms. Took ${Math.round(tookMs / 1000)} s.`,
    harmful.length === 0
      ? 'None did harm.'
      : `${harmful.length} did harm: ${harmful.map(({ name }) => name).join(', ')}.`,
  ].join('\n');
}
