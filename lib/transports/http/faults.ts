import { systemCode, type ConnectFaultCode } from '../connect-faults.ts';

/** Why an exchange over HTTPS came to no answer, in Mailroom's stable codes. */
export type HttpFaultCode =
  | 'HTTP_TLS_NAME_MISMATCH'
  | 'HTTP_TLS_UNTRUSTED'
  | 'HTTP_TLS_EXPIRED'
  | 'HTTP_TLS_FAILED'
  | 'HTTP_TIMEOUT'
  | 'HTTP_CONNECTION_LOST'
  /** What came back is not HTTP. */
  | 'HTTP_PROTOCOL'
  | 'HTTP_ANSWER_TOO_LARGE'
  /** Our own content could not be read, or was not as long as it was said to be. */
  | 'HTTP_CONTENT_UNREADABLE'
  | 'HTTP_ABORTED';

export interface HttpFault {
  readonly stage: 'resolve' | 'connect' | 'proxy' | 'tls' | 'http';
  readonly code: ConnectFaultCode | HttpFaultCode;
}

/** What a failed handshake means, by the codes of OpenSSL and Node. */
export function tlsFaultCode(error: unknown): HttpFaultCode {
  switch (systemCode(error)) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return 'HTTP_TLS_NAME_MISMATCH';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'HTTP_TLS_EXPIRED';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED':
    case 'CERT_REJECTED':
    case 'CERT_REVOKED':
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_CHAIN_TOO_LONG':
    case 'INVALID_CA':
    case 'INVALID_PURPOSE':
      return 'HTTP_TLS_UNTRUSTED';
    default:
      return 'HTTP_TLS_FAILED';
  }
}

/** What a broken exchange means, by undici's names; all but a parser's complaint is a lost connection. */
export function exchangeFaultCode(error: Error): HttpFaultCode {
  const code = systemCode(error);
  if (error.name === 'HTTPParserError' || code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return 'HTTP_PROTOCOL';
  }
  return code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' ? 'HTTP_CONTENT_UNREADABLE' : 'HTTP_CONNECTION_LOST';
}
