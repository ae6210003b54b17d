import type { Fault, ProbeStep } from '../contract.ts';
import { StepTimeline } from '../steps.ts';
import type { GraphDesk } from './desk.ts';
import { judge } from './judge.ts';
import type { GraphTransportOptions } from './settings.ts';

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly fault: Fault };

/** Walks the way of a mail up to the mailbox's own answer, on a connection of its own, without a mail. */
export async function probeMailbox(
  desk: GraphDesk,
  options: GraphTransportOptions,
  onStep: (step: ProbeStep) => void,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const timeline = new StepTimeline(desk.clock, onStep);
  timeline.mark('token', 'running');
  const errand = { signal, transcript: null, observe: timeline.mark.bind(timeline) };
  const asked = await desk.ask(desk.requests.lookAtMailbox(), errand);
  if (asked.kind === 'answered' && asked.answer.status === 200) return { ok: true };
  const outcome = judge(asked, 'prepare', desk.clock.now());
  // With Mail.Send alone no question is allowed, but that Graph says so proves token and endpoint.
  const isDenied = 'fault' in outcome && outcome.fault.code === 'GRAPH_ACCESS_DENIED';
  if (isDenied && !options.canReadMail) return { ok: true };
  const fault = 'fault' in outcome ? outcome.fault : abortedFault;
  // An answer ends the step that waited for it; what it says is a step of its own.
  if (asked.kind === 'answered') timeline.mark(fault.stage, 'running');
  return { ok: false, fault: timeline.fail(fault) };
}

const abortedFault: Fault = { stage: 'http', scope: 'host', code: 'HTTP_ABORTED', reply: null };
