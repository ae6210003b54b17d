import type { Clock } from '#lib/clock.ts';
import type { Fault, ProbeStep, ServerCertificate, Stage } from './contract.ts';

/** Gives each step its times and sees that every step that began also ends. */
export class StepTimeline {
  readonly #clock: Clock;
  readonly #onStep: (step: ProbeStep) => void;
  readonly #originMs: number;
  #running: { readonly stage: Stage; readonly startedMs: number } | null = null;

  constructor(clock: Clock, onStep: (step: ProbeStep) => void) {
    this.#clock = clock;
    this.#onStep = onStep;
    this.#originMs = clock.monotonicMs();
  }

  mark(
    stage: Stage,
    event: 'running' | 'done',
    detail: string | null = null,
    certificate: ServerCertificate | null = null,
  ): void {
    if (event === 'running') return this.#begin(stage);
    if (this.#running?.stage === stage) this.#finish(detail, certificate);
  }

  /**
   * The step that was under way failed, or the one that the fault names. A lost connection says nothing of its own
   * step, so it takes the running one. Returns the fault as it was shown.
   */
  fail(fault: Fault): Fault {
    const running = this.#running;
    const isMute = fault.reply === null && /_(?:CONNECTION_LOST|TIMEOUT|ABORTED|PROTOCOL)$/.test(fault.code);
    const shown = isMute && running !== null ? { ...fault, stage: running.stage } : fault;
    if (running !== null && running.stage !== shown.stage) this.#finish(null);
    const startedMs = this.#running?.startedMs ?? this.#nowMs();
    this.#running = null;
    this.#onStep({ stage: shown.stage, status: 'failed', startedMs, endedMs: this.#nowMs(), fault: shown });
    return shown;
  }

  #begin(stage: Stage): void {
    if (this.#running !== null) this.#finish(null);
    this.#running = { stage, startedMs: this.#nowMs() };
    this.#onStep({ stage, status: 'running', startedMs: this.#running.startedMs });
  }

  #finish(detail: string | null, certificate: ServerCertificate | null = null): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const done = { ...running, status: 'done', endedMs: this.#nowMs(), detail } as const;
    this.#onStep(certificate === null ? done : { ...done, certificate });
  }

  #nowMs(): number {
    return Math.round(this.#clock.monotonicMs() - this.#originMs);
  }
}
