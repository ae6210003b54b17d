import type { Fault, SendOutcome } from '../contract.ts';
import type { HttpFault } from './faults.ts';
import type { HttpResult } from './request.ts';

/** A fault of the way to the server; always the host's, never a mail's. */
export function httpFault(fault: HttpFault): Fault {
  return { ...fault, scope: 'host', reply: null };
}

/** The outcome of a request that was to send a mail and came to no answer. */
export function httpFaultOutcome(result: Exclude<HttpResult, { kind: 'answered' }>): SendOutcome {
  if (result.kind === 'withheld') return { kind: 'withheld' };
  const fault = httpFault(result.fault);
  if (result.mayHaveArrived) return { kind: 'uncertain', fault };
  const { code } = result.fault;
  if (code === 'HTTP_ABORTED' || code === 'CONNECT_ABORTED') return { kind: 'withheld' };
  if (code === 'PROXY_AUTH_REFUSED') return { kind: 'credentials', fault };
  if (code !== 'HTTP_CONTENT_UNREADABLE') return { kind: 'unreachable', fault };
  return { kind: 'temporary', fault: { ...fault, stage: 'content', scope: 'mail' }, perRecipient: [] };
}
