import { systemClock } from '#lib/clock.ts';
import type { Fault, ProbeStep } from '../contract.ts';
import type { SessionSettings } from './connection-options.ts';
import { openSession } from './open-session.ts';
import { StepTimeline } from '../steps.ts';

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly fault: Fault };

/** Walks the connection up to sign-in on a connection of its own, and says goodbye without a mail. */
export async function probeServer(
  settings: SessionSettings,
  onStep: (step: ProbeStep) => void,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const timeline = new StepTimeline(settings.options.clock ?? systemClock, onStep);
  const opened = await openSession(settings, signal, {
    stage: timeline.mark.bind(timeline),
    transcript: null,
  });
  if (opened.ok) {
    opened.session.quit();
    return { ok: true };
  }
  const fault = 'fault' in opened.outcome ? opened.outcome.fault : abortedFault;
  return { ok: false, fault: timeline.fail(fault) };
}

export const abortedFault: Fault = { stage: 'connect', scope: 'host', code: 'SMTP_ABORTED', reply: null };
