import type { ConnectFault } from './connect-faults.ts';
import type { Fault, RecipientResult, SendOutcome, ServerReply, Stage } from './contract.ts';
import type { Verdict } from './smtp/fault-codes.ts';

/** A verdict with the words that led to it. */
export interface Judged {
  readonly verdict: Verdict;
  readonly stage: Stage;
  readonly reply: ServerReply | null;
}

export function toFault(judged: Judged): Fault {
  const { verdict, stage, reply } = judged;
  return { stage, scope: verdict.scope, code: verdict.code, reply };
}

/** The outcome of a mail that a verdict ended. `perRecipient` holds those with a result of their own. */
export function refusedOutcome(judged: Judged, perRecipient: readonly RecipientResult[] = []): SendOutcome {
  const fault = toFault(judged);
  const { kind, retryAfterMs } = judged.verdict;
  switch (kind) {
    case 'temporary':
    case 'permanent':
      return { kind, fault, perRecipient };
    case 'throttled':
      return { kind, fault, retryAfterMs };
    case 'credentials':
    case 'unreachable':
      return { kind, fault };
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** No socket came about: the server is out of reach, or the proxy's own sign-in must be put right first. */
export function connectFaultOutcome(connectFault: ConnectFault): SendOutcome {
  if (connectFault.code === 'CONNECT_ABORTED') return { kind: 'withheld' };
  const fault: Fault = { ...connectFault, scope: 'host', reply: null };
  return connectFault.code === 'PROXY_AUTH_REFUSED'
    ? { kind: 'credentials', fault }
    : { kind: 'unreachable', fault };
}
