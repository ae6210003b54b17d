import { systemClock } from '#lib/clock.ts';
import type {
  Fault,
  OutgoingMail,
  ProbeStep,
  RecipientResult,
  SendOutcome,
  ServerReply,
  TranscriptLine,
} from '#lib/transports/contract.ts';
import { deliverOnce } from '#lib/transports/smtp/deliver-once.ts';
import type { SmtpDeadlines, SmtpTransportOptions } from '#lib/transports/smtp/settings.ts';
import { StepTimeline } from '#lib/transports/steps.ts';
import { secretForms, Transcript } from '#lib/transports/transcript.ts';
import { remedyFor } from './remedies.ts';
import type { Remedy } from './remedy.ts';

export type TestMailResult =
  | {
      readonly ok: true;
      readonly serverId: string | null;
      readonly reply: ServerReply | null;
      readonly perRecipient: readonly RecipientResult[];
      /** The dialogue without secrets and without the content. */
      readonly transcript: readonly TranscriptLine[];
    }
  | {
      readonly ok: false;
      readonly fault: Fault;
      readonly remedy: Remedy;
      readonly transcript: readonly TranscriptLine[];
    };

/** A person waits for the answer: what a queue may wait for minutes is told to them sooner. */
const patience: SmtpDeadlines = {
  dnsMs: 10_000,
  connectMs: 20_000,
  greetingMs: 30_000,
  commandMs: 60_000,
  dataIdleMs: 60_000,
  finalAnswerMs: 120_000,
  idleMs: 1000,
};

/**
 * The test mail (PRODUCT 3): the way of every mail on a connection of its own, with each step told as it happens,
 * through the same connector and the same table of answers as the queue uses.
 */
export async function runTestMail(
  options: SmtpTransportOptions,
  mail: OutgoingMail,
  onStep: (step: ProbeStep) => void,
  signal: AbortSignal,
): Promise<TestMailResult> {
  const clock = options.clock ?? systemClock;
  const { authentication } = options;
  const password = authentication !== null && 'password' in authentication ? authentication.password : '';
  const secrets = [password, options.proxy?.password ?? ''];
  const transcript = new Transcript(() => clock.monotonicMs(), secretForms(secrets));
  const timeline = new StepTimeline(clock, onStep);
  const hurried = { ...options, deadlines: shorterOf(options.deadlines, patience) };
  const observer = {
    stage: timeline.mark.bind(timeline),
    transcript,
  };
  const outcome = await deliverOnce(hurried, mail, observer, signal);
  const refusal = refusalOf(outcome);
  if (refusal !== null) {
    const fault = timeline.fail(refusal);
    return { ok: false, fault, remedy: remedyFor(fault.code), transcript: transcript.lines() };
  }
  const { serverId, reply, perRecipient } = outcome.kind === 'accepted' ? outcome : noAnswer;
  return { ok: true, serverId, reply, perRecipient, transcript: transcript.lines() };
}

const noAnswer = { serverId: null, reply: null, perRecipient: [] } as const;

function refusalOf(outcome: SendOutcome): Fault | null {
  switch (outcome.kind) {
    case 'accepted':
      return null;
    case 'withheld':
      return { stage: 'connect', scope: 'mail', code: 'SMTP_ABORTED', reply: null };
    case 'temporary':
    case 'permanent':
    case 'unreachable':
    case 'throttled':
    case 'credentials':
    case 'uncertain':
      return outcome.fault;
    default: {
      const never: never = outcome;
      return never;
    }
  }
}

function shorterOf(a: SmtpDeadlines, b: SmtpDeadlines): SmtpDeadlines {
  return {
    dnsMs: Math.min(a.dnsMs, b.dnsMs),
    connectMs: Math.min(a.connectMs, b.connectMs),
    greetingMs: Math.min(a.greetingMs, b.greetingMs),
    commandMs: Math.min(a.commandMs, b.commandMs),
    dataIdleMs: Math.min(a.dataIdleMs, b.dataIdleMs),
    finalAnswerMs: Math.min(a.finalAnswerMs, b.finalAnswerMs),
    idleMs: Math.min(a.idleMs, b.idleMs),
  };
}
