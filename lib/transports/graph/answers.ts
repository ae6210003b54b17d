import { z } from 'zod';
import type { ServerReply } from '../contract.ts';
import type { HttpAnswer } from '../http/request.ts';
import { maskText } from '../http/dialogue.ts';

const innerError: z.ZodType<{ code?: string | undefined; innerError?: unknown; innererror?: unknown }> =
  z.looseObject({
    code: z.string().optional(),
    innerError: z.unknown().optional(),
    innererror: z.unknown().optional(),
  });

const errorBody = z.object({
  error: z.looseObject({
    code: z.string(),
    message: z.string().optional(),
    innerError: z.unknown().optional(),
    innererror: z.unknown().optional(),
  }),
});

const draftBody = z.looseObject({ id: z.string().min(1), isDraft: z.boolean().optional() });
export type DraftFacts = z.infer<typeof draftBody>;

const uploadSessionBody = z.looseObject({ uploadUrl: z.url({ protocol: /^https$/ }) });

const foundBody = z.looseObject({
  value: z.array(
    z.looseObject({
      id: z.string(),
      isDraft: z.boolean(),
      singleValueExtendedProperties: z.array(z.looseObject({ id: z.string(), value: z.string() })).optional(),
    }),
  ),
});
export type FoundMessages = z.infer<typeof foundBody>['value'];

/** Null where the answer is not what Graph promises. */
export function readDraft(answer: HttpAnswer): DraftFacts | null {
  return draftBody.safeParse(readJson(answer)).data ?? null;
}

export function readUploadUrl(answer: HttpAnswer): string | null {
  return uploadSessionBody.safeParse(readJson(answer)).data?.uploadUrl ?? null;
}

export function readFound(answer: HttpAnswer): FoundMessages | null {
  return foundBody.safeParse(readJson(answer)).data?.value ?? null;
}

/** The names of an error, the most detailed first [Microsoft Graph error responses]; none where it is not Graph's. */
export function errorNames(answer: HttpAnswer): readonly string[] {
  const parsed = errorBody.safeParse(readJson(answer)).data;
  const names: string[] = [];
  let level: unknown = parsed?.error;
  while (names.length < 8) {
    const { data } = innerError.safeParse(level);
    if (data === undefined) break;
    if (data.code !== undefined) names.unshift(data.code);
    level = data.innerError ?? data.innererror;
  }
  const challenge = /error="(?<name>[a-z_]+)"/.exec(answer.headers['www-authenticate'] ?? '')?.groups?.[
    'name'
  ];
  return challenge === undefined ? names : [challenge, ...names];
}

/** The far side's own words with the number by which Microsoft finds the request. */
export function replyOf(answer: HttpAnswer): ServerReply {
  const error = errorBody.safeParse(readJson(answer)).data?.error;
  const words = error === undefined ? plainWords(answer) : `${error.code}: ${error.message ?? ''}`;
  const requestId = answer.headers['request-id'];
  const text = requestId === undefined ? words : `${words} (request-id ${requestId})`;
  return { code: answer.status, enhancedCode: null, text: maskText(text.trim()).slice(0, 1000) };
}

function plainWords(answer: HttpAnswer): string {
  if (answer.status === 202 && answer.body.length === 0) return 'Accepted';
  const type = answer.headers['content-type'] ?? '';
  if (/json/i.test(type)) return 'An answer in JSON that is no error of Graph';
  return answer.body.length === 0
    ? `HTTP ${answer.status}`
    : `HTTP ${answer.status}, an answer that is not from Graph`;
}

function readJson(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return null;
  }
}
