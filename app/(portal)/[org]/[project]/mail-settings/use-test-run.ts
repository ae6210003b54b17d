'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { readTestEvents } from './read-test-events.ts';
import type {
  BegunEvent,
  FailedEvent,
  PassedEvent,
  RefusedEvent,
  StepEvent,
  TestEvent,
} from './test/test-events.ts';

/** One test as far as it has come. */
export interface TestRun {
  readonly status: 'idle' | 'running' | 'passed' | 'failed' | 'refused' | 'broken';
  readonly begun: BegunEvent | null;
  readonly steps: readonly StepEvent[];
  readonly end: PassedEvent | FailedEvent | RefusedEvent | null;
  /** Milliseconds since the start, ticking while it runs. */
  readonly elapsedMs: number;
}

export interface TestRequest {
  /** Null tests what is saved. */
  readonly input: MailSettingsFields | null;
  /** Null: to the mailbox itself. */
  readonly to: string | null;
  readonly endpoint: 'primary' | 'alternate';
}

const idle: TestRun = { status: 'idle', begun: null, steps: [], end: null, elapsedMs: 0 };
const tickMs = 80;

/** Runs one test at a time; a new one, or leaving the panel, ends the one before. */
export function useTestRun(href: string, onRefused: (event: RefusedEvent) => void) {
  const [run, setRun] = useState<TestRun>(idle);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  useTicking(run.status === 'running' && run.begun !== null, setRun);
  const start = useCallback(
    async (request: TestRequest) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setRun({ ...idle, status: 'running' });
      const take = (event: TestEvent) => {
        if (controller.signal.aborted) return;
        setRun((now) => withEvent(now, event));
        if (event.kind === 'refused') onRefused(event);
      };
      try {
        await stream(href, request, controller.signal, take);
      } catch {
        // Nothing to tell of an error whose cause is our own abort.
      }
      if (!controller.signal.aborted)
        setRun((now) => (now.status === 'running' ? { ...now, status: 'broken' } : now));
    },
    [href, onRefused],
  );
  return { run, start };
}

async function stream(
  href: string,
  request: TestRequest,
  signal: AbortSignal,
  take: (event: TestEvent) => void,
): Promise<void> {
  const response = await fetch(href, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal,
  });
  if (response.body === null) return;
  for await (const event of readTestEvents(response.body)) take(event);
}

function withEvent(run: TestRun, event: TestEvent): TestRun {
  switch (event.kind) {
    case 'begun':
      return { ...run, begun: event };
    case 'step':
      return {
        ...run,
        steps: [
          ...run.steps.filter((step) => step.stage !== event.stage || step.status !== 'running'),
          event,
        ],
        elapsedMs: Math.max(run.elapsedMs, event.endedMs ?? event.startedMs),
      };
    case 'passed':
    case 'failed':
    case 'refused':
      return { ...run, status: event.kind, end: event, elapsedMs: lastMs(run) };
    default:
      return event satisfies never;
  }
}

function lastMs(run: TestRun): number {
  return Math.max(0, ...run.steps.map((step) => step.endedMs ?? step.startedMs));
}

/** Lets the running bar grow. */
function useTicking(isRunning: boolean, setRun: React.Dispatch<React.SetStateAction<TestRun>>): void {
  useEffect(() => {
    if (!isRunning) return undefined;
    const startedAt = performance.now();
    const timer = setInterval(() => {
      setRun((now) => {
        if (now.status !== 'running') return now;
        return { ...now, elapsedMs: Math.max(now.elapsedMs, Math.round(performance.now() - startedAt)) };
      });
    }, tickMs);
    return () => clearInterval(timer);
  }, [isRunning, setRun]);
}
