// `npm test`: everything that must hold. `npm test -- unit browser` runs only these stages.
import {
  type StageResult,
  keepOutput,
  runCheck,
  runFaults,
  runPlaywright,
  runVitest,
} from './test-stages.ts';

type Stage = (wanted: readonly string[]) => Promise<StageResult[]>;

function check(name: string, program: string, ...args: readonly string[]): Stage {
  return async (wanted) => (wanted.includes(name) ? await runCheck(name, program, args) : []);
}

function vitest(...projects: readonly string[]): Stage {
  return async (wanted) => {
    const chosen = projects.filter((project) => wanted.includes(project));
    return chosen.length === 0 ? [] : await runVitest(chosen);
  };
}

// Groups run one after the other; what stands in one group shares the machine.
const groups: readonly (readonly Stage[])[] = [
  [
    check('format', 'oxfmt', '--check'),
    check('lint', 'oxlint', '--type-aware', '--deny-warnings'),
    check('types', 'tsc', '-p', '.', '--incremental', 'false'),
    check('unused', 'knip'),
  ],
  [vitest('unit', 'architecture', 'integration', 'contract')],
  [async (wanted) => (wanted.includes('browser') ? await runPlaywright() : [])],
  // Killed workers and stopped clocks need the machine to themselves. The portal is built by now.
  [async (wanted) => (wanted.includes('faults') ? await runFaults() : [])],
];
const all = 'format lint types unused unit architecture integration contract browser faults'.split(' ');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function summary(result: StageResult): string {
  const seconds = (result.tookMs / 1000).toFixed(1);
  const skipped = result.skipped === 0 ? '' : `, ${result.skipped} skipped`;
  const mark = result.failed === 0 ? 'ok  ' : 'FAIL';
  return [
    `${mark} ${result.name.padEnd(14)} ${result.passed} passed, ${result.failed} failed${skipped} (${seconds} s)`,
    ...result.failures.map((failure) => `     failed: ${failure}`),
    ...result.secondTry.map((test) => `     passed only at its second try: ${test}`),
  ].join('\n');
}

// Tests of one run share their output, which is shown once.
async function explain(results: readonly StageResult[]): Promise<void> {
  const shown = new Set<string>();
  for (const result of results) {
    if (result.failed === 0 && result.secondTry.length === 0) continue;
    if (shown.has(result.output)) continue;
    shown.add(result.output);
    say(`\n${result.output.split('\n').slice(-250).join('\n')}`);
    say(`The whole output of ${result.name} is in ${await keepOutput(result)}.\n`);
  }
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  say(`There is no stage ${unknown.join(', ')}; there are ${all.join(', ')}.`);
  process.exit(2);
}
const wanted = named.length === 0 ? all : named;
const results: StageResult[] = [];
for (const group of groups) {
  const finished = (await Promise.all(group.map((stage) => stage(wanted)))).flat();
  for (const result of finished) say(summary(result));
  await explain(finished);
  results.push(...finished);
}
const sum = (pick: (result: StageResult) => number): number =>
  results.reduce((total, result) => total + pick(result), 0);
const failed = sum((result) => result.failed);
say('');
say(`${sum((result) => result.passed)} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;
