import { systemClock } from '#lib/clock.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import type {
  Fault,
  OutgoingMail,
  ProbeStep,
  SendOutcome,
  TranscriptLine,
} from '#lib/transports/contract.ts';
import { StepTimeline } from '#lib/transports/steps.ts';
import { remedyFor } from './remedies.ts';
import type { TestMailResult } from './run-test-mail.ts';

/**
 * The test mail of a protocol whose transport tells its steps by a probe: the way up to the sign-in first, each step as
 * it happens, then the mail itself as the last one (PRODUCT 3).
 */
export async function runTransportTest(
  options: TransportOptions,
  mail: OutgoingMail,
  onStep: (step: ProbeStep) => void,
  signal: AbortSignal,
): Promise<TestMailResult> {
  const transport = buildTransport(options);
  const transcript: TranscriptLine[] = [];
  const keepDialogue = (lines: readonly TranscriptLine[]): void => void transcript.push(...lines);
  try {
    const probed = await transport.probe(onStep, signal);
    if (!probed.ok) return failed(probed.fault, transcript);
    const timeline = new StepTimeline(options.clock ?? systemClock, onStep);
    timeline.mark('answer', 'running');
    const outcome = await transport.send({ ...mail, keepDialogue }, signal);
    if (outcome.kind !== 'accepted') return failed(timeline.fail(faultOf(outcome)), transcript);
    timeline.mark('answer', 'done', outcome.reply?.text ?? null);
    const { serverId, reply, perRecipient } = outcome;
    return { ok: true, serverId, reply, perRecipient, transcript };
  } finally {
    await transport.close();
  }
}

function failed(fault: Fault, transcript: readonly TranscriptLine[]): TestMailResult {
  return { ok: false, fault, remedy: remedyFor(fault.code), transcript };
}

function faultOf(outcome: Exclude<SendOutcome, { kind: 'accepted' }>): Fault {
  if (outcome.kind !== 'withheld') return outcome.fault;
  return { stage: 'connect', scope: 'mail', code: 'CONNECT_ABORTED', reply: null };
}
