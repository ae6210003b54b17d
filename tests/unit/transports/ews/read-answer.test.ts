import { describe, expect, test } from 'vitest';
import { readAnswer } from '#lib/transports/ews/read-answer.ts';
import { fault, plain, refusal, success, type Answer } from '#tests/servers/ews/answers.ts';

function read(answer: Answer) {
  return readAnswer({ ...answer, body: Buffer.from(answer.body) });
}

function without(answer: Answer, text: RegExp): Answer {
  return { ...answer, body: answer.body.replace(text, '') };
}

describe('what an answer says', () => {
  test('success, with the version of the server', () => {
    expect(read(success('CreateItem', ['<m:Items/>']))).toMatchObject({
      kind: 'success',
      serverVersion: '15.2.1544',
    });
    const mute = without(success('CreateItem', ['<m:Items/>']), /<s:Header>.*<\/s:Header>/);
    expect(read(mute)).toMatchObject({ kind: 'success', serverVersion: null });
  });

  test('of several parts the first decides: a folder that may not be searched hides no other', () => {
    const found = success('FindItem', ['<m:RootFolder TotalItemsInView="1"/>']).body;
    const denied = /<m:FindItemResponseMessage.*<\/m:FindItemResponseMessage>/.exec(
      refusal('FindItem', 'ErrorAccessDenied').body,
    );
    const end = '</m:ResponseMessages>';
    const both = found.replace(end, `${denied?.[0] ?? ''}${end}`);
    expect(read({ status: 200, headers: {}, body: both })).toMatchObject({ kind: 'success' });
  });

  test('a fault without a detail is known by its name', () => {
    const named = without(fault('ErrorServerBusy', 'Later.'), /<detail>.*<\/detail>/);
    expect(read(named)).toMatchObject({ kind: 'refused', code: 'ErrorServerBusy', text: 'Later.' });
  });

  test('a warning is told from an error', () => {
    const warning = refusal('CreateItem', 'ErrorBatchProcessingStopped', { responseClass: 'Warning' });
    expect(read(warning)).toMatchObject({ kind: 'refused', isError: false });
  });

  test('a wait beyond a day is cut to one', () => {
    const endless = fault('ErrorServerBusy', 'Later.', { BackOffMilliseconds: '999999999999' });
    expect(read(endless)).toMatchObject({ backOffMs: 24 * 3_600_000 });
  });

  test.each([
    ['nothing', plain(500)],
    ['a page', plain(200, {}, '<html><body>Sign in<br></body></html>')],
    ['another envelope', { ...success('CreateItem', ['']), body: '<Envelope/>' }],
    ['an envelope without a body', without(success('CreateItem', ['']), /<s:Body>.*<\/s:Body>/)],
    ['an answer without messages', success('CreateItem', [])],
  ])('%s is not Exchange', (_what, answer) => {
    expect(read(answer)).toEqual({ kind: 'foreign' });
  });
});
