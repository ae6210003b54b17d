/** `npm run bench [-- --json] [--pairs N] [row …]`: every figure is a ratio of two things run in turn, side by side. */
import { parseArgs } from 'node:util';
import { type BenchRow, type RowReport, holds, reportOf } from './row.ts';
import { rows } from './rows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, pairs: { type: 'string', default: '5' } },
});
const chosen = positionals.length === 0 ? rows : positionals.map(rowNamed);
const reports: Record<string, RowReport> = {};
let allHold = true;
for (const row of chosen) {
  const result = await row.run(Number(values.pairs));
  const report = reportOf(row, result);
  reports[row.name] = report;
  allHold &&= holds(row, report);
  if (!values.json) print(row, report, result.notes);
}
if (values.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
process.exitCode = allHold ? 0 : 1;

function rowNamed(name: string): BenchRow {
  const row = rows.find((candidate) => candidate.name === name);
  if (row === undefined) {
    throw new TypeError(
      `There is no row "${name}". Rows: ${rows.map((candidate) => candidate.name).join(', ')}`,
    );
  }
  return row;
}

function print(row: BenchRow, report: RowReport, notes: readonly string[]): void {
  const sign = row.bound === 'least' ? '≥' : '≤';
  const verdict = report.void === null ? (holds(row, report) ? 'holds' : 'MISSES') : `void: ${report.void}`;
  process.stdout.write(
    `${row.name.padEnd(16)} ${String(report.value).padStart(8)} ${row.unit.padEnd(6)} floor ${sign} ${row.floor} ` +
      `(goal ${row.goal})  ± ${Math.round(report.spread * 100)} %  ${report.pairs} pairs  ${verdict}\n`,
  );
  for (const note of [row.title, ...notes]) process.stdout.write(`${' '.repeat(17)}${note}\n`);
}
