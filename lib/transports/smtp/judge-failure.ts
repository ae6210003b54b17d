import type { NodemailerError } from 'nodemailer';
import type { Stage } from '../contract.ts';
import type { SmtpFaultCode, Verdict } from './fault-codes.ts';

/**
 * What a failure without a reply means: system and OpenSSL codes first, then nodemailer's own. Such a failure is
 * always the host's: nothing of it is about one mail.
 */
export function judgeFailure(stage: Stage, error: NodemailerError): Verdict {
  return { kind: 'unreachable', code: failureCode(stage, error), scope: 'host', retryAfterMs: null };
}

function failureCode(stage: Stage, error: NodemailerError): SmtpFaultCode {
  const code = error.originalCode ?? error.code ?? '';
  const tls = tlsCode(code);
  if (tls !== null) return tls;
  switch (error.code ?? '') {
    case 'ETIMEDOUT':
      return 'SMTP_TIMEOUT';
    case 'ETLS':
      return 'SMTP_TLS_FAILED';
    case 'EENVELOPE':
    case 'EMESSAGE':
      // An answer came, but it was no reply.
      return 'SMTP_PROTOCOL';
    case 'EPROTOCOL':
      return stage === 'greet' ? 'SMTP_NOT_SMTP' : 'SMTP_PROTOCOL';
    default:
      return stage === 'tls' ? 'SMTP_TLS_FAILED' : 'SMTP_CONNECTION_LOST';
  }
}

function tlsCode(code: string): SmtpFaultCode | null {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return 'SMTP_TLS_NAME_MISMATCH';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'SMTP_TLS_EXPIRED';
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
      return 'SMTP_TLS_UNTRUSTED';
    default:
      return /^(?:ERR_SSL|ERR_TLS|EPROTO$)/.test(code) ? 'SMTP_TLS_FAILED' : null;
  }
}
