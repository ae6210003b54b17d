import type { FaultResult } from './run-fault.ts';
import { mostStallMs, type Stall } from './support/stall.ts';

const columns = [
  'accepted',
  'delivered',
  'repeated',
  'unmarked',
  'lost',
  'wait ms',
  'beside ms',
  'stall ms',
  'seconds',
] as const;

/** Of a shorter stall nobody needs to know the cause. */
const toldStallMs = 1_000;

/** `wait`: the longest of the innocent project; `beside`: that of an unharmed Mailroom; `stall`: beyond the fair share. */
export const headLine = `     ${'fault'.padEnd(26)}${columns.map((name) => name.padStart(10)).join('')}  promise`;

export function holdsPromise(stall: Stall | null): boolean {
  return stall === null || stall.stallMs <= mostStallMs;
}

function whole(ms: number | undefined): string {
  return ms === undefined ? '–' : String(Math.round(ms));
}

/** A fault in one line of the table, with what it did and why it did harm below. */
export function resultLine({ name, title, audit, stall, tookMs, notes, harm }: FaultResult): string {
  const figures = [
    audit.accepted,
    audit.delivered,
    audit.repeatedMarked,
    audit.repeatedUnmarked,
    audit.lost,
    whole(stall?.longestMs),
    whole(stall?.besideMs),
    whole(stall?.stallMs),
    (tookMs / 1000).toFixed(1),
  ];
  const promise = stall === null ? '–' : holdsPromise(stall) ? 'held' : 'STALLED';
  const lines = [
    `${harm === null ? 'ok  ' : 'HARM'} ${name.padEnd(26)}${figures.map((each) => String(each).padStart(10)).join('')}  ${promise}`,
    `       ${title}`,
    ...notes.map((note) => `       ${note}`),
    ...(stall === null || stall.stallMs < toldStallMs ? [] : [`       stalled longest: ${stall.waitedFor}`]),
  ];
  if (harm !== null) lines.push(`       HARM: ${harm}`);
  return lines.join('\n');
}

/** All faults together. */
export function totalLine(results: readonly FaultResult[], tookMs: number): string {
  const sum = (pick: (result: FaultResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  const worst = (pick: (stall: Stall) => number): number =>
    Math.round(Math.max(0, ...results.map(({ stall }) => (stall === null ? 0 : pick(stall)))));
  const harmful = results.filter(({ harm }) => harm !== null);
  const stalled = results.filter(({ stall }) => !holdsPromise(stall));
  return [
    '',
    `${results.length} faults: ${sum(({ audit }) => audit.accepted)} mails accepted, ` +
      `${sum(({ audit }) => audit.delivered)} delivered, ${sum(({ audit }) => audit.repeatedMarked)} repeated and marked, ` +
      `${sum(({ audit }) => audit.repeatedUnmarked)} repeated unmarked, ${sum(({ audit }) => audit.lost)} lost.`,
    `Longest stall of a project that had no part in it: ${worst(({ stallMs }) => stallMs)} ms of ${mostStallMs} promised ` +
      `(longest wait ${worst(({ longestMs }) => longestMs)} ms; in an unharmed Mailroom beside it ` +
      `${worst(({ besideMs }) => besideMs)} ms). Took ${Math.round(tookMs / 1000)} s.`,
    stalled.length === 0
      ? 'The promise held in each.'
      : `It did not hold in ${stalled.length}: ${stalled.map(({ name }) => name).join(', ')}.`,
    harmful.length === 0
      ? 'None did harm.'
      : `${harmful.length} did harm: ${harmful.map(({ name }) => name).join(', ')}.`,
  ].join('\n');
}
