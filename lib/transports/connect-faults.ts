/** Why no socket to the server came about, in Mailroom's stable codes. */
export type ConnectFaultCode =
  | 'HOST_UNKNOWN'
  | 'DNS_FAILED'
  | 'DNS_TIMEOUT'
  | 'ADDRESS_NOT_ALLOWED'
  | 'CONNECT_REFUSED'
  | 'CONNECT_TIMEOUT'
  | 'CONNECT_FAILED'
  | 'CONNECT_ABORTED'
  | 'PROXY_UNREACHABLE'
  | 'PROXY_REFUSED'
  | 'PROXY_AUTH_REFUSED'
  | 'PROXY_TARGET_UNREACHABLE';

export interface ConnectFault {
  readonly stage: 'resolve' | 'connect' | 'proxy';
  readonly code: ConnectFaultCode;
}

/** Carries a fault out of the connector's inner steps; never leaves `openGuardedSocket`. */
export class ConnectError extends Error {
  readonly fault: ConnectFault;

  constructor(stage: ConnectFault['stage'], code: ConnectFaultCode) {
    super(code);
    this.name = 'ConnectError';
    this.fault = { stage, code };
  }
}

/** The system's code of an error such as ECONNREFUSED; empty when it has none. */
export function systemCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}
