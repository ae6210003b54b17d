// `npm start`: everything that Mailroom needs, from a bare clone to a portal that answers, until Ctrl-C.
import { parseArgs } from 'node:util';
import { NewerDatabaseError } from '#db/migrate.ts';
import { EnvironmentError, readEnvironment } from '#lib/env.ts';
import { AlreadyRunningError } from './start-lock.ts';
import { startMailroom } from './start-mailroom.ts';
import { StartError } from './start-options.ts';
import { Teardown } from './teardown.ts';

const { values: flags } = parseArgs({ options: { dev: { type: 'boolean', default: false } } });
const teardown = new Teardown();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves when a person or npm asks this process to end. A second Ctrl-C ends it at once. */
function untilAsked(): Promise<'asked'> {
  return new Promise((settle) => {
    let times = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        times += 1;
        // What is still running is tied to this process and ends with it.
        if (times > 1) process.exit(1);
        settle('asked');
      });
    }
    // npm killed outright passes no signal on; its child then belongs to someone else.
    const parent = process.ppid;
    if (process.env['npm_lifecycle_event'] === undefined) return;
    setInterval(() => process.ppid !== parent && settle('asked'), 500).unref();
  });
}

function explain(error: unknown): string {
  const isForPeople = [EnvironmentError, AlreadyRunningError, NewerDatabaseError, StartError].some(
    (known) => error instanceof known,
  );
  if (error instanceof Error && isForPeople) return error.message;
  return `Mailroom could not start. ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

async function run(): Promise<string> {
  const environment = readEnvironment(process.env);
  const started = await startMailroom(environment, { isDevelopment: flags.dev, say }, teardown);
  return await started.failed;
}

const asked = untilAsked();
const outcome = await Promise.race([run().catch(explain), asked]);
if (outcome !== 'asked') {
  say(outcome);
  process.exitCode = 1;
}
const wasRunning = teardown.isNeeded;
if (wasRunning) say('Stopping …');
for (const fault of await teardown.run()) say(`While stopping: ${String(fault)}`);
if (wasRunning) say('Mailroom has stopped.');
process.exit();
