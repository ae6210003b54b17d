import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { spawnTethered } from '#db/tether.ts';
import { projectRoot } from './portal-build.ts';

export interface StageResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tookMs: number;
  /** Each test that failed, as `file › title`. */
  readonly failures: readonly string[];
  /** Tests that failed at first and passed when their files were run again by themselves: to be looked into. */
  readonly secondTry: readonly string[];
  /** What to print when something failed. */
  readonly output: string;
}

const reportFolder = join(projectRoot, '.tmp', 'test');
/** What Node has compiled once it takes from here: a run starts hundreds of processes of the same modules. */
const compiledFolder = join(projectRoot, '.tmp', 'compiled');

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
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      NODE_COMPILE_CACHE: compiledFolder,
      ...env,
    },
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
  return [stage(name, { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, tookMs, output })];
}

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      startTime: z.number().optional(),
      endTime: z.number().optional(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

/** Runs projects of vitest.config.ts, each a stage of its own in the result. */
export async function runVitest(projects: readonly string[]): Promise<StageResult[]> {
  return await withSecondTry((files) => runVitestOnce(projects, files));
}

async function runVitestOnce(projects: readonly string[], files: readonly string[]): Promise<StageResult[]> {
  const reportFile = await freshReport(`vitest-${projects.join('-')}.json`);
  const { code, output, tookMs } = await runProgram('vitest', [
    'run',
    '--passWithNoTests',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...files,
  ]);
  const report = vitestReport.safeParse(await readReport(reportFile));
  if (!report.success) return [stage(projects.join(', '), { failed: 1, tookMs, output })];
  const stages = projects.map((project) => {
    const tested = report.data.testResults.filter((file) => file.name.includes(`/tests/${project}/`));
    return stage(project, { ...countFiles(tested), tookMs: spanMs(tested), output });
  });
  // A fault outside every test (a leaked rejection, a broken setup) fails the run and no test.
  const isUnexplained = code !== 0 && stages.every((each) => each.failed === 0);
  return isUnexplained ? [...stages, stage('test run itself', { failed: 1, output })] : stages;
}

type VitestFile = z.infer<typeof vitestReport>['testResults'][number];

function countFiles(
  files: readonly VitestFile[],
): Pick<StageResult, 'passed' | 'failed' | 'skipped' | 'failures'> {
  const results = files.flatMap((file) => file.assertionResults.map((result) => result.status));
  const passed = results.filter((status) => status === 'passed').length;
  const failures = files.flatMap(vitestFailures);
  const untold = results.filter((status) => status !== 'passed' && status !== 'failed').length;
  return { passed, failed: failures.length, skipped: untold, failures };
}

function vitestFailures(file: VitestFile): readonly string[] {
  const name = relative(projectRoot, file.name);
  const failed = file.assertionResults.filter((result) => result.status === 'failed');
  if (failed.length > 0) return failed.map((result) => failureName(name, result.fullName));
  // A file that could not be read has no test to fail.
  return file.status === 'failed' ? [failureName(name, 'the file itself')] : [];
}

function spanMs(files: readonly VitestFile[]): number {
  const starts = files.map((file) => file.startTime ?? Number.NaN).filter(Number.isFinite);
  const ends = files.map((file) => file.endTime ?? Number.NaN).filter(Number.isFinite);
  return starts.length === 0 || ends.length === 0 ? 0 : Math.max(...ends) - Math.min(...starts);
}

interface PlaywrightSuite {
  readonly specs: readonly { readonly title: string; readonly ok: boolean; readonly file: string }[];
  readonly suites?: readonly PlaywrightSuite[] | undefined;
}

const playwrightSuite: z.ZodType<PlaywrightSuite> = z.object({
  specs: z.array(z.object({ title: z.string(), ok: z.boolean(), file: z.string() })),
  suites: z.lazy(() => z.array(playwrightSuite)).optional(),
});

const playwrightReport = z.object({
  suites: z.array(playwrightSuite),
  stats: z.object({ expected: z.number(), unexpected: z.number(), skipped: z.number() }),
});

/** Runs the browser tests. */
export async function runPlaywright(): Promise<StageResult[]> {
  return await withSecondTry(runPlaywrightOnce);
}

async function runPlaywrightOnce(files: readonly string[]): Promise<StageResult[]> {
  const reportFile = await freshReport('playwright.json');
  const { code, output, tookMs } = await runProgram(
    'playwright',
    ['test', '--reporter=list,json', ...files],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile },
  );
  const report = playwrightReport.safeParse(await readReport(reportFile));
  if (!report.success) return [stage('browser', { failed: 1, tookMs, output })];
  const { expected, unexpected, skipped } = report.data.stats;
  const failures = report.data.suites.flatMap(playwrightFailures);
  const unexplained = code !== 0 && unexpected === 0 ? 1 : 0;
  const failed = unexpected + unexplained;
  return [stage('browser', { passed: expected, failed, skipped, tookMs, failures, output })];
}

function playwrightFailures(suite: PlaywrightSuite): readonly string[] {
  return [
    ...suite.specs
      .filter((spec) => !spec.ok)
      .map((spec) => failureName(`tests/e2e/${spec.file}`, spec.title)),
    ...(suite.suites ?? []).flatMap(playwrightFailures),
  ];
}

const between = ' › ';

function failureName(file: string, title: string): string {
  return `${file}${between}${title}`;
}

const mostFilesForSecondTry = 3;

/**
 * Runs tests, and what failed once more by itself where that is a few files: on a shared machine one stalled test
 * must not hide the other thousands. A test that needed this is told by its name, for somebody to find the cause.
 */
async function withSecondTry(
  run: (files: readonly string[]) => Promise<StageResult[]>,
): Promise<StageResult[]> {
  const first = await run([]);
  const failures = first.flatMap((result) => result.failures);
  const isNamed = first.every((result) => result.failed === result.failures.length);
  const files = new Set(failures.map((failure) => failure.split(between)[0] ?? failure));
  if (files.size === 0 || files.size > mostFilesForSecondTry || !isNamed) return first;
  const second = await run([...files]);
  return first.map((result) => takeSecondTry(result, second));
}

function takeSecondTry(first: StageResult, second: readonly StageResult[]): StageResult {
  const again = second.find((result) => result.name === first.name);
  if (again === undefined || again.failed !== again.failures.length) return first;
  const secondTry = first.failures.filter((failure) => !again.failures.includes(failure));
  return {
    ...first,
    passed: first.passed + secondTry.length,
    failed: again.failed,
    failures: again.failures,
    secondTry,
    tookMs: first.tookMs + again.tookMs,
    output: `${first.output}\nThe second try:\n${again.output}`,
  };
}

const faultsReport = z.object({
  results: z.array(
    z.object({
      name: z.string(),
      harm: z.string().nullable(),
      audit: z.object({ lost: z.number(), repeatedUnmarked: z.number() }),
    }),
  ),
});

/** Hurts real processes, in the short form: each fault is one that did no harm or one that did. */
export async function runFaults(): Promise<StageResult[]> {
  return await withSecondTry(runFaultsOnce);
}

async function runFaultsOnce(names: readonly string[]): Promise<StageResult[]> {
  const reportFile = await freshReport('faults.json');
  const { code, output, tookMs } = await runProgram('node', [
    join(projectRoot, 'tests', 'faults', 'main.ts'),
    '--short',
    // Always the same, so that a run in one place says what a run in another would.
    '--seed=1',
    `--report=${reportFile}`,
    ...names.map((name) => `--only=${name}`),
  ]);
  const report = faultsReport.safeParse(await readReport(reportFile));
  if (!report.success) return [stage('faults', { failed: 1, tookMs, output })];
  const { results } = report.data;
  const harmful = results.filter(({ harm }) => harm !== null);
  // A lost mail is no stalled test: it is not tried again.
  const failures = harmful
    .filter(({ audit }) => audit.lost + audit.repeatedUnmarked === 0)
    .map(({ name }) => failureName(name, 'did harm'));
  const unexplained = code !== 0 && harmful.length === 0 ? 1 : 0;
  const passed = results.length - harmful.length;
  return [stage('faults', { passed, failed: harmful.length + unexplained, failures, tookMs, output })];
}

function stage(name: string, parts: Partial<Omit<StageResult, 'name'>>): StageResult {
  return {
    name,
    passed: 0,
    failed: 0,
    skipped: 0,
    tookMs: 0,
    failures: [],
    secondTry: [],
    output: '',
    ...parts,
  };
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
