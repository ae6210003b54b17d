import { describe, expect, test } from 'vitest';
import { errorNames, replyOf } from '#lib/transports/graph/answers.ts';
import { verdictOf } from '#lib/transports/graph/codes.ts';
import { retryAfterMs } from '#lib/transports/http/retry-after.ts';
import type { HttpAnswer } from '#lib/transports/http/request.ts';

function answer(status: number, json: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const body = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

describe('what Graph says', () => {
  test('names from the most detailed to the widest, in either spelling of innerError', () => {
    const inner = { code: 'deep', innererror: { code: 'deeper' } };
    const error = { code: 'outer', message: 'm', innerError: inner };
    expect(errorNames(answer(400, { error }))).toEqual(['deeper', 'deep', 'outer']);
    expect(errorNames(answer(502, '<html>'))).toEqual([]);
    const challenge = { 'www-authenticate': 'Bearer realm="", error="insufficient_claims", claims="eyJ"' };
    expect(errorNames(answer(401, '', challenge))).toEqual(['insufficient_claims']);
  });

  test('its words, with the number by which Microsoft finds the request, without tokens', () => {
    const error = { code: 'ErrorX', message: 'Token eyJhbGciOiJSUzI1NiJ9.abc.def is bad' };
    expect(replyOf(answer(403, { error }, { 'request-id': 'r-1' }))).toEqual({
      code: 403,
      enhancedCode: null,
      text: 'ErrorX: Token *** is bad (request-id r-1)',
    });
    const page = {
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: Buffer.from('<b>secret</b>'),
    };
    expect(replyOf(page).text).toBe('HTTP 502, an answer that is not from Graph');
  });

  test.each([
    ['12', {}, 12_000],
    ['0', {}, 0],
    ['Sat, 21 Nov 2026 10:00:30 GMT', {}, 30_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', {}, 0],
    ['Sat, 21 Nov 2026 11:00:30 GMT', { date: 'Sat, 21 Nov 2026 11:00:00 GMT' }, 30_000],
    ['99999999999', {}, 86_400_000],
    ['soon', {}, null],
    ['-5', {}, null],
    ['', {}, null],
  ])('Retry-After "%s" %j', (value, headers, expected) => {
    const given = { 'retry-after': value, ...headers };
    expect(retryAfterMs(given, new Date('2026-11-21T10:00:00Z'))).toBe(expected);
  });

  test('a name decides before the status; a failure of the server stays uncertain whatever it is called', () => {
    expect(verdictOf(400, ['ErrorSendAsDenied'], false)).toMatchObject({ code: 'GRAPH_SEND_AS_DENIED' });
    expect(verdictOf(401, ['interaction_required'], false)).toMatchObject({ code: 'GRAPH_SIGN_IN_AGAIN' });
    expect(verdictOf(503, ['ErrorMailboxMoveInProgress'], false)).toMatchObject({ kind: 'uncertain' });
    expect(verdictOf(504, ['ApplicationThrottled'], true)).toMatchObject({ kind: 'uncertain' });
    expect(verdictOf(400, ['erroraccessdenied', 'BadRequest'], false)).toMatchObject({ kind: 'credentials' });
  });
});
