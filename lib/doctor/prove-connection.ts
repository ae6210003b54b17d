import type { Clock } from '#lib/clock.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import type { Fault, ProbeStep, ServerCertificate } from '#lib/transports/contract.ts';
import { remedyFor } from './remedies.ts';
import type { Remedy } from './remedy.ts';

/** The ways that a project's mail can take. */
export interface ProvableWays {
  readonly primary: TransportOptions;
  readonly alternate: TransportOptions | null;
}

/** What the daily proof of a connection found (PRODUCT 2.19); plain values, fit to be stored. */
export interface ConnectionProof {
  /** ISO 8601. */
  readonly provedAt: string;
  /** The primary works, and the alternate where there is one. */
  readonly ok: boolean;
  readonly primary: WayProof;
  readonly alternate: WayProof | null;
}

export interface WayProof {
  readonly ok: boolean;
  readonly tookMs: number;
  /** Each step that ended: the proxy and the token are steps of their own. */
  readonly steps: readonly EndedStep[];
  readonly failure: { readonly fault: Fault; readonly remedy: Remedy } | null;
  /** The server's; null where nothing was secured, or not that far. */
  readonly certificate: ServerCertificate | null;
  /** Whole days until it ends; less than 0 where it is past and not checked. */
  readonly certificateDaysLeft: number | null;
}

export type EndedStep = Exclude<ProbeStep, { status: 'running' }>;

/** Who follows the proof while it runs. */
export type ProofObserver = (way: 'primary' | 'alternate', step: ProbeStep) => void;

const dayMs = 24 * 3_600_000;

/**
 * Walks each way up to its sign-in without sending anything, on connections of its own. The alternate is tried whatever
 * became of the primary: it must not be found broken on the day it is needed. Null where the signal ended it.
 */
export async function proveConnection(
  ways: ProvableWays,
  clock: Clock,
  signal: AbortSignal,
  observe: ProofObserver = () => undefined,
): Promise<ConnectionProof | null> {
  const provedAt = clock.now().toISOString();
  const primary = await proveWay(ways.primary, clock, signal, (step) => observe('primary', step));
  const alternate =
    ways.alternate === null
      ? null
      : await proveWay(ways.alternate, clock, signal, (step) => observe('alternate', step));
  // What was broken off proves nothing.
  if (signal.aborted) return null;
  return { provedAt, ok: primary.ok && alternate?.ok !== false, primary, alternate };
}

async function proveWay(
  options: TransportOptions,
  clock: Clock,
  signal: AbortSignal,
  observe: (step: ProbeStep) => void,
): Promise<WayProof> {
  const startedMs = clock.monotonicMs();
  const steps: EndedStep[] = [];
  const transport = buildTransport(options);
  try {
    const probed = await transport.probe((step) => {
      observe(step);
      if (step.status !== 'running') steps.push(step);
    }, signal);
    const certificate = steps.map(certificateOf).findLast((found) => found !== null) ?? null;
    return {
      ok: probed.ok,
      tookMs: Math.round(clock.monotonicMs() - startedMs),
      steps,
      failure: probed.ok ? null : { fault: probed.fault, remedy: remedyFor(probed.fault.code) },
      certificate,
      certificateDaysLeft:
        certificate === null
          ? null
          : Math.floor((Date.parse(certificate.endsAt) - clock.now().getTime()) / dayMs),
    };
  } finally {
    await transport.close();
  }
}

function certificateOf(step: EndedStep): ServerCertificate | null {
  return step.status === 'done' ? (step.certificate ?? null) : null;
}
