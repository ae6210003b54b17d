import type { Fault, ProbeStep, SendOutcome, Stage } from '../contract.ts';
import type { HttpObserver } from '../http/request.ts';
import { StepTimeline } from '../steps.ts';
import { askReading } from './ask-reading.ts';
import type { EwsDesk } from './desk.ts';
import { faultOf, type JudgedAnswer } from './judge-answer.ts';
import { getFolderRequest } from './requests.ts';

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly fault: Fault };

/** Walks the way to the mailbox on a connection of its own and asks for one folder; no mail is sent. */
export async function probeMailbox(
  desk: EwsDesk,
  onStep: (step: ProbeStep) => void,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const timeline = new StepTimeline(desk.clock, onStep);
  let running: Stage | null = null;
  const begin = (stage: Stage): void => {
    running = stage;
    timeline.mark(stage, 'running');
  };
  const observe: HttpObserver = (stage, event, detail, certificate) => {
    // The exchanges themselves are told as sign-in and as the question.
    if (stage === 'http') return;
    if (event === 'running') begin(stage);
    else timeline.mark(stage, 'done', detail, certificate);
  };
  if (desk.options.authentication.kind === 'bearer') begin('token');
  const asked = await askReading(desk, getFolderRequest(desk.options), {
    signal,
    wantsFresh: true,
    observe,
    onToken: () => timeline.mark('token', 'done'),
    onConnected: () => begin('authenticate'),
  });
  if (asked.kind === 'judged' && asked.judged.kind === 'success') {
    begin('http');
    timeline.mark('http', 'done', asked.judged.detail === '' ? null : asked.judged.detail);
    return { ok: true };
  }
  const fault = asked.kind === 'judged' ? refusalOf(asked.judged) : endOf(asked.outcome);
  // An answer may be about more than the sign-in, and a new token may be refused where the first one was not.
  if (fault.stage !== running && (fault.reply !== null || fault.stage === 'token')) begin(fault.stage);
  return { ok: false, fault: timeline.fail(fault) };
}

function refusalOf(judged: JudgedAnswer): Fault {
  return judged.kind === 'refused' ? faultOf(judged.verdict, judged.reply) : abortedFault;
}

function endOf(outcome: SendOutcome): Fault {
  return 'fault' in outcome ? outcome.fault : abortedFault;
}

const abortedFault: Fault = { stage: 'connect', scope: 'host', code: 'EWS_ABORTED', reply: null };
