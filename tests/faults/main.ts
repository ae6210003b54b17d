/**
 * `npm run faults [-- --seed N] [--only name] [--rounds N] [--short] [--at-once N] [--report file]`: hurts Mailroom in
 * every way that we know, and counts the mails afterwards. What breaks when is chosen by the seed.
 */
import { randomInt } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePortalBuilt } from '#scripts/portal-build.ts';
import { faults } from './faults.ts';
import { headLine, holdsPromise, resultLine, totalLine } from './report.ts';
import { type FaultResult, wordsOf } from './run-fault.ts';
import { runFaults } from './run-faults.ts';
import { startControl } from './support/control.ts';
import { Endings } from './support/endings.ts';
import { Innocents } from './support/innocent.ts';
import { startFaultPostgres } from './support/postgres.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    'at-once': { type: 'string' },
    short: { type: 'boolean', default: false },
    report: { type: 'string' },
  },
});
const seed = values.seed ?? String(randomInt(1_000_000));
const chosen = faults.filter(({ name, isLong }) =>
  values.only === undefined ? !(values.short && isLong === true) : values.only.includes(name),
);
const unknown = (values.only ?? []).filter((name) => !faults.some((fault) => fault.name === name));
if (unknown.length > 0) {
  say(`There is no fault ${unknown.join(', ')}. Faults: ${faults.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const endings = new Endings();
const home = await mkdtemp(join(tmpdir(), 'mailroom-faults-'));
// Run by root, Postgres has an account of its own that must be able to enter.
await chmod(home, 0o711);
let ending: Promise<void> | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void end().then(() => process.exit(130)));
}

// A part of a fault that fails by itself must not take the others and the end with it.
let strays = 0;
process.on('unhandledRejection', (error) => {
  strays += 1;
  if (ending === null) say(`stray failure: ${wordsOf(error)}`);
});

const results: FaultResult[] = [];
const since = performance.now();
try {
  say(`Seed ${seed}: npm run faults -- --seed ${seed} does the same again.\n`);
  if (chosen.some(({ startsPortal }) => startsPortal === true)) await ensurePortalBuilt(say);
  say(headLine);
  const innocents = Innocents.start(endings);
  const postgres = await startFaultPostgres(home, endings);
  const control = await startControl(home, endings, innocents);
  await runFaults(chosen, {
    seed,
    isShort: values.short,
    wantedRounds: values.rounds === undefined ? null : Number(values.rounds),
    atOnce: Number(values['at-once'] ?? (values.short ? 4 : 1)),
    home,
    endings,
    postgres,
    innocents,
    control,
    onResult: (result) => {
      results.push(result);
      if (ending === null) say(resultLine(result));
    },
    onLeftOut: (name, why) => say(`left out: ${name} ${why}`),
  });
} finally {
  await end();
}
say(totalLine(results, performance.now() - since));
if (values.report !== undefined) await writeFile(values.report, JSON.stringify({ seed, results }));
const isHeld = values.short || results.every(({ stall }) => holdsPromise(stall));
const isGood = results.length > 0 && strays === 0 && results.every(({ harm }) => harm === null);
process.exit(isGood && isHeld ? 0 : 1);

/** Ends what was started and what is still being started, and leaves nothing behind. */
function end(): Promise<void> {
  ending ??= (async () => {
    // What is cut off in the middle of a start may fail as it likes.
    process.on('uncaughtException', () => undefined);
    do await endings.run();
    while (endings.hasMore);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  })();
  return ending;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
