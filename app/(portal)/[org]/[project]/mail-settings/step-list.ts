import type { TestStep } from '#app/_ui/test-steps.tsx';
import type { SettingsForm } from './form-values.ts';
import type { StepEvent, TestStage } from './test/test-events.ts';
import type { TestRun } from './use-test-run.ts';

export const stageWords: Readonly<Record<TestStage, string>> = {
  resolve: 'Resolve',
  connect: 'Connect',
  proxy: 'Proxy',
  tls: 'TLS',
  greet: 'Greet',
  authenticate: 'Authenticate',
  sender: 'Sender',
  recipient: 'Recipient',
  content: 'Content',
  token: 'Token',
  http: 'HTTP',
  answer: 'Answer',
};

/** The steps that these settings make a mail go through, in their order. */
export function plannedStages(form: SettingsForm): TestStage[] {
  const isSmtps = form['connection.protocol'] === 'smtps';
  const stages: TestStage[] = form['proxy.use'] ? ['resolve', 'connect', 'proxy'] : ['resolve', 'connect'];
  if (isSmtps) stages.push('tls', 'greet');
  else stages.push('greet', ...(form['connection.tlsPolicy'] === 'none' ? [] : (['tls'] as const)));
  if (form['connection.authentication.kind'] === 'basic') stages.push('authenticate');
  return [...stages, 'sender', 'recipient', 'content'];
}

export interface StepList {
  /** Those that happened, with the running one last. */
  readonly met: TestStep[];
  /** Those still to come; none after a test that passed. */
  readonly ahead: TestStep[];
}

export function stepList(run: TestRun, planned: readonly TestStage[]): StepList {
  const met = run.steps.map((step) => shown(step, run.elapsedMs));
  if (run.status === 'passed') return { met, ahead: [] };
  const last = run.steps.at(-1)?.stage;
  const from = last === undefined ? 0 : planned.indexOf(last) + 1;
  const seen = new Set(run.steps.map((step) => step.stage));
  const ahead = planned.slice(from).filter((stage) => !seen.has(stage));
  return { met, ahead: ahead.map((stage) => ({ name: stageWords[stage], state: 'todo' })) };
}

function shown(step: StepEvent, elapsedMs: number): TestStep {
  const endMs = step.endedMs ?? elapsedMs;
  return {
    name: stageWords[step.stage],
    state: step.status,
    startMs: step.startedMs,
    tookMs: Math.max(0, endMs - step.startedMs),
  };
}
