import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { spawnTethered } from '#db/tether.ts';
import { projectRoot } from './portal-build.ts';

export interface StageResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tookMs: number;
  /** What to print when something failed. */
  readonly output: string;
}

const reportFolder = join(projectRoot, '.tmp', 'test');

function bin(name: string): string {
  return join(projectRoot, 'node_modules', '.bin', name);
}

interface Finished {
  readonly code: number | null;
  readonly output: string;
  readonly tookMs: number;
}

async function runProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const since = performance.now();
  const started = spawnTethered(bin(name), args, {
    cwd: projectRoot,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
    stopSignal: 'TERM',
  });
  let output = '';
  started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  started.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const { code } = await started.exited;
  return { code, output, tookMs: performance.now() - since };
}

/** A check that holds or does not: one passed or one failed. */
export async function runCheck(
  name: string,
  program: string,
  args: readonly string[],
): Promise<StageResult[]> {
  const { code, output, tookMs } = await runProgram(program, args);
  const isGood = code === 0;
  return [{ name, passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0, tookMs, output }];
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      startTime: z.number().optional(),
      endTime: z.number().optional(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

/** Runs projects of vitest.config.ts, each a stage of its own in the result. */
export async function runVitest(projects: readonly string[]): Promise<StageResult[]> {
  const reportFile = await freshReport(`vitest-${projects.join('-')}.json`);
  const { code, output, tookMs } = await runProgram('vitest', [
    'run',
    '--passWithNoTests',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
  ]);
  const report = vitestReport.safeParse(await readReport(reportFile));
  if (!report.success) return [stage(projects.join(', '), { failed: 1, tookMs, output })];
  const stages = projects.map((project) => {
    const files = report.data.testResults.filter((file) => file.name.includes(`/tests/${project}/`));
    return stage(project, { ...countFiles(files), tookMs: spanMs(files), output });
  });
  // A fault outside every test (a leaked rejection, a broken setup) fails the run and no test.
  const isUnexplained = code !== 0 && stages.every((each) => each.failed === 0);
  return isUnexplained ? [...stages, stage('test run itself', { failed: 1, output })] : stages;
}

type VitestFile = z.infer<typeof vitestReport>['testResults'][number];

function countFiles(files: readonly VitestFile[]): Pick<StageResult, 'passed' | 'failed' | 'skipped'> {
  const results = files.flatMap((file) => file.assertionResults.map((result) => result.status));
  const passed = results.filter((status) => status === 'passed').length;
  const failed = results.filter((status) => status === 'failed').length;
  // A file that could not be read has no test to fail.
  const unread = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
  ).length;
  return { passed, failed: failed + unread, skipped: results.length - passed - failed };
}

function spanMs(files: readonly VitestFile[]): number {
  const starts = files.map((file) => file.startTime ?? Number.NaN).filter(Number.isFinite);
  const ends = files.map((file) => file.endTime ?? Number.NaN).filter(Number.isFinite);
  return starts.length === 0 || ends.length === 0 ? 0 : Math.max(...ends) - Math.min(...starts);
}

const playwrightReport = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
});

/** Runs the browser tests. A flaky test is a failed one. */
export async function runPlaywright(): Promise<StageResult[]> {
  const reportFile = await freshReport('playwright.json');
  const { code, output, tookMs } = await runProgram('playwright', ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile,
  });
  const report = playwrightReport.safeParse(await readReport(reportFile));
  if (!report.success) return [stage('browser', { failed: 1, tookMs, output })];
  const { expected, unexpected, flaky, skipped } = report.data.stats;
  const failed = unexpected + flaky;
  const unexplained = code !== 0 && failed === 0 ? 1 : 0;
  return [stage('browser', { passed: expected, failed: failed + unexplained, skipped, tookMs, output })];
}

function stage(name: string, parts: Partial<Omit<StageResult, 'name'>>): StageResult {
  return { name, passed: 0, failed: 0, skipped: 0, tookMs: 0, output: '', ...parts };
}

async function freshReport(name: string): Promise<string> {
  await mkdir(reportFolder, { recursive: true });
  const file = join(reportFolder, name);
  await rm(file, { force: true });
  return file;
}

async function readReport(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => 'null');
  const report: unknown = JSON.parse(text);
  return report;
}

/** Keeps the whole output of a stage for later reading; returns where. */
export async function keepOutput(result: StageResult): Promise<string> {
  await mkdir(reportFolder, { recursive: true });
  const file = join(reportFolder, `${result.name.replaceAll(/[^a-z]+/g, '-')}.log`);
  await writeFile(file, result.output);
  return file;
}
