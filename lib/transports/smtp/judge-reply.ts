import type { FaultScope, ServerReply, Stage } from '../contract.ts';
import { replyRules } from './codes.ts';
import type { Verdict } from './fault-codes.ts';

/** Judges a refusal at a stage: the first rule that fits, else the class digit (RFC 5321 4.2.1). */
export function judgeReply(stage: Stage, reply: ServerReply): Verdict {
  for (const rule of replyRules) {
    if (rule.stages !== undefined && !rule.stages.includes(stage)) continue;
    if (rule.codes !== undefined && (reply.code === null || !rule.codes.includes(reply.code))) continue;
    if (rule.enhanced !== undefined && !rule.enhanced.test(reply.enhancedCode ?? '')) continue;
    if (rule.text !== undefined && !rule.text.test(reply.text)) continue;
    const [kind, code, scope] = rule.means;
    return { kind, code, scope, retryAfterMs: rule.retryAfterMs ?? null };
  }
  return judgeByClass(stage, reply.code ?? 0);
}

function judgeByClass(stage: Stage, code: number): Verdict {
  const scope = stageScope(stage);
  if (code >= 500 && code < 600)
    return { kind: 'permanent', code: 'SMTP_PERMANENT', scope, retryAfterMs: null };
  if (code >= 400 && code < 500)
    return { kind: 'temporary', code: 'SMTP_TEMPORARY', scope, retryAfterMs: null };
  return { kind: 'temporary', code: 'SMTP_PROTOCOL', scope: 'host', retryAfterMs: null };
}

function stageScope(stage: Stage): FaultScope {
  switch (stage) {
    case 'sender':
      return 'sender';
    case 'recipient':
      return 'recipient';
    case 'content':
    case 'answer':
      return 'mail';
    case 'authenticate':
    case 'token':
      return 'mailbox';
    case 'resolve':
    case 'connect':
    case 'proxy':
    case 'tls':
    case 'greet':
    case 'http':
      return 'host';
    default: {
      const never: never = stage;
      return never;
    }
  }
}
