import { describe, expect, test } from 'vitest';
import { createLocalSlots } from '#tests/servers/graph/options.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { mailTo, withGraph } from './scene.ts';

// PRODUCT 4.9: exactly the envelope's recipients get the mail, and a Bcc is never visible to others.
describe.each([
  ['as MIME', {}],
  ['as JSON', { saveToSentItems: false }],
  ['as a draft', { proveOnce: true }],
] as const)('the envelope is the truth, %s', (_way, changes) => {
  test('header names A and B, envelope only A', () =>
    withGraph(async ({ server, transport }) => {
      const mail = mailTo(['a@example.test'], ['To: A <a@example.test>, B <b@example.test>']);
      const outcome = await transport.send(mail, noAbort());
      expect(outcome).toMatchObject({
        kind: 'accepted',
        changes: [{ code: 'HEADER_RECIPIENT_REMOVED', detail: 'To: b@example.test' }],
      });
      expect(server.deliveries.map(({ to }) => to)).toEqual([['a@example.test']]);
      expect(server.deliveries[0]?.content).not.toContain('b@example.test');
    }, changes));

  test('Bcc only: they get it, and nobody sees who', () =>
    withGraph(async ({ server, transport }) => {
      const to = ['c@example.test', 'd@example.test'];
      await expect(
        transport.send(mailTo(to, ['To: undisclosed-recipients:;']), noAbort()),
      ).resolves.toMatchObject({ kind: 'accepted' });
      expect(server.deliveries[0]?.to.toSorted()).toEqual(to);
      expect(server.deliveries[0]?.content).not.toMatch(/c@example\.test|d@example\.test/);
    }, changes));
});

test('what JSON cannot carry is named, and what it can is carried', () =>
  withGraph(
    async ({ server, transport }) => {
      const lines = [
        'To: a@example.test',
        'X-Own: 1',
        'List-Unsubscribe: <https://x.test>',
        'Precedence: bulk',
      ];
      const outcome = await transport.send(mailTo(['a@example.test'], lines), noAbort());
      expect(outcome).toMatchObject({
        kind: 'accepted',
        changes: [{ code: 'HEADER_NOT_KEPT', detail: 'Precedence' }],
      });
      expect(server.deliveries).toHaveLength(1);
      expect(server.mailbox('sender@example.test').messages).toEqual([]);
    },
    { saveToSentItems: false },
  ));

test('never more than four requests at a time, over two transports; the simulator refuses none', async () => {
  const slots = createLocalSlots(4);
  await withGraph(
    async ({ server, transport }) => {
      const mails = Array.from({ length: 40 }, () => mailTo(['a@example.test']));
      const outcomes = await Promise.all(mails.map((mail) => transport.send(mail, noAbort())));
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
      expect(server.throttle).toMatchObject({ peak: 4, refused: 0 });
    },
    { slots },
    { switches: { serviceMs: () => 5 } },
  );
});

test('a turn that does not come before the signal: withheld', () =>
  withGraph(
    async ({ server, transport }) => {
      const controller = new AbortController();
      const outcome = transport.send(mailTo(['a@example.test']), controller.signal);
      controller.abort();
      await expect(outcome).resolves.toEqual({ kind: 'withheld' });
      expect(server.requests).toEqual([]);
    },
    { slots: createLocalSlots(0) },
  ));

test('the dialogue is kept without token and without content', () =>
  withGraph(async ({ transport }) => {
    const lines: string[] = [];
    const mail = mailTo(['a@example.test'], [], {
      keepDialogue: (kept) => lines.push(...kept.map(({ text }) => text)),
    });
    await transport.send(mail, noAbort());
    const text = lines.join('\n');
    expect(text).toContain('/me/sendMail');
    expect(text).toContain('authorization: Bearer ***');
    expect(text).toContain('HTTP/1.1 202');
    expect(text).not.toMatch(/token-client|A line|Subject/);
  }));
