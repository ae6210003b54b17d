// `npm test`: everything that must hold. `npm test -- unit browser` runs only these stages.
import { type StageResult, keepOutput, runCheck, runPlaywright, runVitest } from './test-stages.ts';

interface Stage {
  readonly name: string;
  readonly run: () => Promise<StageResult[]>;
}

// Groups run one after the other; what stands in one group shares the machine.
const groups: readonly (readonly Stage[])[] = [
  [
    { name: 'format', run: () => runCheck('format', 'oxfmt', ['--check']) },
    { name: 'lint', run: () => runCheck('lint', 'oxlint', ['--type-aware', '--deny-warnings']) },
    { name: 'types', run: () => runCheck('types', 'tsc', ['-p', '.', '--incremental', 'false']) },
    { name: 'unused', run: () => runCheck('unused', 'knip', []) },
  ],
  ...[['unit', 'architecture', 'integration', 'contract'], ['faults']].map((names) => [
    { name: names.join(' '), run: () => runVitest(names) },
  ]),
  [{ name: 'browser', run: () => runPlaywright() }],
];

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function report(result: StageResult): Promise<void> {
  const seconds = (result.tookMs / 1000).toFixed(1);
  const skipped = result.skipped === 0 ? '' : `, ${result.skipped} skipped`;
  const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
  say(
    `${mark} ${result.name.padEnd(14)} ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`,
  );
  if (result.failed === 0) return;
  const file = await keepOutput(result);
  say(result.output.split('\n').slice(-200).join('\n'));
  say(`The whole output of ${result.name} is in ${file}.`);
}

function isWanted(stage: Stage, wanted: readonly string[]): boolean {
  return wanted.length === 0 || stage.name.split(' ').some((name) => wanted.includes(name));
}

const wanted = process.argv.slice(2);
const results: StageResult[] = [];
for (const group of groups) {
  const stages = group.filter((stage) => isWanted(stage, wanted));
  const finished = await Promise.all(stages.map((stage) => stage.run()));
  for (const result of finished.flat()) {
    // A broken stage prints what broke, once for all that ran in the same process.
    await report(result);
    results.push(result);
  }
}
const sum = (pick: (result: StageResult) => number): number =>
  results.reduce((total, result) => total + pick(result), 0);
const failed = sum((result) => result.failed);
say('');
say(`${sum((result) => result.passed)} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
