import { describe, expect, test } from 'vitest';
import type { MailDraft, OutgoingMail } from '#lib/transports/contract.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';
import { faultAt, mailTo, withGraph } from './scene.ts';

const sending = /^POST .*\/send$/;

function remembered(): { draft: MailDraft; kept: string[] } {
  const kept: string[] = [];
  return {
    kept,
    draft: {
      get id() {
        return kept[0] ?? null;
      },
      keep: (id) => {
        if (id !== null) kept.push(id);
        return Promise.resolve();
      },
    },
  };
}

describe('prove each mail once', () => {
  test('draft, id stored, then sent: the id is the one of the sent copy', () =>
    withGraph(
      async ({ server, transport }) => {
        const { draft, kept } = remembered();
        const outcome = await transport.send(mailTo(['a@example.test'], [], { draft }), noAbort());
        expect(outcome).toMatchObject({ kind: 'accepted', serverId: kept[0] });
        expect(server.mailbox('sender@example.test').messages).toMatchObject([
          { immutableId: kept[0], isDraft: false, folder: 'sentitems' },
        ]);
      },
      { proveOnce: true },
    ));

  test.each([
    ['504', { kind: 'answer', status: 504 }],
    ['a drop', { kind: 'drop' }],
  ] as const)('%s after it was sent: the draft shows it, even when the copy appears late', (_what, does) =>
    withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(faultAt(sending, does, true));
        const { draft } = remembered();
        const outcome = await transport.send(mailTo(['a@example.test'], [], { draft }), noAbort());
        expect(outcome).toMatchObject({ kind: 'accepted' });
        expect(server.deliveries).toHaveLength(1);
      },
      { proveOnce: true, wait: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs / 50)) },
      { switches: { copyVisibleAfterMs: 60 } },
    ),
  );

  test('504 before it was sent: still a draft, so the next try sends that one and makes no other', () =>
    withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(faultAt(sending, { kind: 'answer', status: 504 }));
        const { draft, kept } = remembered();
        const mail = mailTo(['a@example.test'], [], { draft });
        await expect(transport.send(mail, noAbort())).resolves.toMatchObject({
          kind: 'temporary',
          fault: { code: 'GRAPH_DRAFT_NOT_SENT' },
        });
        await expect(transport.send(mail, noAbort())).resolves.toMatchObject({ kind: 'accepted' });
        expect(kept).toHaveLength(1);
        expect(server.deliveries).toHaveLength(1);
        await expect(transport.send(mail, noAbort())).resolves.toMatchObject({ kind: 'accepted' });
        expect(server.deliveries).toHaveLength(1);
      },
      { proveOnce: true },
    ));

  test('an id that cannot be stored: withheld, and no draft stays', () =>
    withGraph(
      async ({ server, transport }) => {
        const draft: MailDraft = { id: null, keep: () => Promise.reject(new Error('database')) };
        const outcome = await transport.send(mailTo(['a@example.test'], [], { draft }), noAbort());
        expect(outcome).toEqual({ kind: 'withheld' });
        expect(server.mailbox('sender@example.test').messages).toEqual([]);
      },
      { proveOnce: true },
    ));

  test('a draft that somebody deleted: uncertain, for a person to decide', () =>
    withGraph(
      async ({ server, transport }) => {
        const draft: MailDraft = { id: 'AAkALgGone', keep: () => Promise.resolve() };
        const outcome = await transport.send(mailTo(['a@example.test'], [], { draft }), noAbort());
        expect(outcome).toMatchObject({ kind: 'uncertain', fault: { code: 'GRAPH_DRAFT_GONE' } });
        expect(server.deliveries).toEqual([]);
      },
      { proveOnce: true },
    ));
});

const megabyte = 1_000_000;

/** A mail with files of these sizes, each of its own letter. */
function mailWithFiles(sizes: readonly number[], changes: Partial<OutgoingMail> = {}): OutgoingMail {
  const { messageId } = testMail();
  const parts = sizes.map((size, index) => {
    const bytes = Buffer.alloc(size, 97 + index)
      .toString('base64')
      .replaceAll(/(.{76})/g, '$1\r\n');
    const type = `Content-Type: application/pdf; name="=?utf-8?B?${Buffer.from(`Größe ${index}.pdf`).toString('base64')}?="`;
    return `--b\r\n${type}\r\nContent-Disposition: attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%20${index}.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes}\r\n`;
  });
  const head = `From: sender@example.test\r\nTo: a@example.test\r\nMessage-ID: ${messageId}\r\nList-Unsubscribe: <https://x.test>\r\nSubject: Files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="b"\r\n`;
  return testMail(
    { messageId, envelope: { from: 'sender@example.test', to: ['a@example.test'] }, ...changes },
    `${head}\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n${parts.join('')}--b--\r\n`,
  );
}

describe('mails over one request', () => {
  test('the largest attachments are uploaded in pieces, the rest goes as it is, headers too', () =>
    withGraph(async ({ server, transport }) => {
      const sizes = [9 * megabyte, 100_000, 2 * megabyte, 1_500_000];
      const outcome = await transport.send(mailWithFiles(sizes), noAbort());
      expect(outcome).toMatchObject({
        kind: 'accepted',
        changes: [
          { code: 'ATTACHMENT_UPLOADED', detail: `Größe 0.pdf (${sizes[0]} bytes)` },
          { code: 'ATTACHMENT_UPLOADED', detail: `Größe 2.pdf (${sizes[2]} bytes)` },
        ],
      });
      const [sent] = server.deliveries;
      const files = sent?.attachments.map(({ name, bytes }) => `${name} ${bytes.length} ${bytes[0]}`) ?? [];
      const expected = sizes.map((size, index) => `Größe ${index}.pdf ${size} ${97 + index}`);
      expect(files.toSorted()).toEqual(expected);
      expect(sent?.content).toContain('List-Unsubscribe: <https://x.test>');
      expect(server.requests.filter((request) => request.startsWith('PUT')).length).toBe(3);
      expect(server.throttle.refused).toBe(0);
    }));

  test('an upload that breaks: nothing was sent, the draft is gone, the mail tries again', () =>
    withGraph(async ({ server, transport }) => {
      server.switches.faults.push(faultAt(/^PUT /, { kind: 'answer', status: 500 }));
      const outcome = await transport.send(mailWithFiles([9 * megabyte]), noAbort());
      expect(outcome).toMatchObject({ kind: 'temporary', fault: { code: 'GRAPH_SERVER_ERROR' } });
      expect(server.mailbox('sender@example.test').messages).toEqual([]);
      expect(server.deliveries).toEqual([]);
    }));

  test('text alone over one request is refused with that reason; so is any without the right to make drafts', () =>
    withGraph(async ({ server, transport }) => {
      const mail = testMail({}, `Subject: x\r\n\r\n${'a line of text\r\n'.repeat(250_000)}`);
      await expect(transport.send(mail, noAbort())).resolves.toMatchObject({
        kind: 'permanent',
        fault: { code: 'GRAPH_TOO_LARGE' },
      });
      expect(server.requests).toEqual([]);
    }));

  test('without Mail.ReadWrite no draft is made', () =>
    withGraph(
      async ({ server, transport }) => {
        await expect(transport.send(mailWithFiles([4 * megabyte]), noAbort())).resolves.toMatchObject({
          kind: 'permanent',
          fault: { code: 'GRAPH_DRAFT_NOT_ALLOWED' },
        });
        expect(server.requests).toEqual([]);
      },
      { canReadMail: false },
    ));
});
