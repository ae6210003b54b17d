import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { spawnTethered, type TetheredProcess } from '#db/tether.ts';
import { eachLine, exitWords } from './child-service.ts';
import { projectRoot } from './portal-build.ts';

const port = z.int().min(1).max(65_535);

const standInsSchema = z.strictObject({
  /** PEM that the demo's projects trust, and they alone: the authority's key is thrown away once it has signed. */
  authority: z.string(),
  certificate: z.strictObject({ cert: z.string(), key: z.string() }),
  ports: z.strictObject({ signIn: port, graph: port, exchange: port, smtp: port }),
  tenant: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  exchangePassword: z.string(),
});

/** Where the demo's stand-ins for Microsoft and Exchange listen, and what they take for a sign-in. */
export type StandIns = z.infer<typeof standInsSchema>;

/** All listen on this address; it stands in the demo's mail settings. */
export const standInHost = '127.0.0.1';

/** The mailbox of each project that sends through a stand-in. */
export const standInMailboxes = {
  graph: 'visits@northwind.example',
  exchange: 'warehouse@northwind.example',
  smtp: 'events@northwind.example',
} as const;

export function standInsFile(dataFolder: string): string {
  return join(dataFolder, 'stand-ins.json');
}

/** As they were at the last start; null where there was none. */
export async function readStandIns(dataFolder: string): Promise<StandIns | null> {
  const text = await readFile(standInsFile(dataFolder), 'utf8').catch(() => null);
  return text === null ? null : standInsSchema.parse(JSON.parse(text));
}

export interface StandInOptions {
  readonly dataFolder: string;
  readonly inboxFolder: string;
  readonly portalUrl: string;
  readonly say: (line: string) => void;
}

export interface RunningStandIns {
  /** Resolves when all of them listen; null where they could not be started, which was said. */
  readonly ready: Promise<{ readonly now: StandIns; readonly before: StandIns | null } | null>;
  stop(): Promise<void>;
}

const program = join('tests', 'servers', 'demo', 'main.ts');
const stopGraceMs = 5_000;

/**
 * Starts the sign-in server, the Graph simulator, the Exchange simulator and an SMTP server that takes tokens: the
 * servers of the tests, in a process of their own that ends with this one. Mailroom runs without them too.
 */
export async function startStandIns(options: StandInOptions): Promise<RunningStandIns> {
  const { dataFolder, inboxFolder, portalUrl, say } = options;
  const before = await readStandIns(dataFolder);
  const logFolder = join(dataFolder, 'logs');
  await mkdir(logFolder, { recursive: true });
  const child = spawnTethered(process.execPath, [program, dataFolder, inboxFolder, portalUrl], {
    cwd: projectRoot,
    env: { ...process.env, NODE_ENV: 'production' },
    stopSignal: 'TERM',
  });
  let isStopping = false;
  const subject = "The demo's stand-ins for Microsoft and Exchange";
  const complain = (words: string): void => {
    if (!isStopping) say(`${subject} ${words}`);
  };
  const logFile = join(logFolder, 'stand-ins.log');
  const started = firstLine(child, logFile);
  const answer = async (): Promise<StandIns | null> => {
    const ended = await Promise.race([started, child.exited]);
    if (ended === 'ready') return readStandIns(dataFolder);
    complain(`${exitWords(ended)}; see ${logFile}.`);
    return null;
  };
  const now = answer();
  const watch = async (): Promise<void> => {
    if ((await now) === null) return;
    complain(`${exitWords(await child.exited)}: their projects wait until the next start.`);
  };
  void watch();
  return {
    ready: now.then((terms) => (terms === null ? null : { now: terms, before })),
    async stop() {
      isStopping = true;
      await child.stop(stopGraceMs);
    },
  };
}

/** Resolves with the word that all servers listen; everything that is said lies in the log. */
function firstLine({ stdout, stderr, exited }: TetheredProcess, logFile: string): Promise<'ready'> {
  const log = createWriteStream(logFile, { flags: 'a' });
  void exited.then(() => log.end());
  eachLine(stderr, (line) => log.write(`${line}\n`));
  return new Promise((resolve) => {
    eachLine(stdout, (line) => {
      log.write(`${line}\n`);
      if (line === 'ready') resolve(line);
    });
  });
}
