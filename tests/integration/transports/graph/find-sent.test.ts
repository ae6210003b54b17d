import { describe, expect, test } from 'vitest';
import type { ProbeStep } from '#lib/transports/contract.ts';
import { knownTokens } from '#tests/servers/graph/options.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { faultAt, mailTo, withGraph } from './scene.ts';

const soon = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs / 100));

describe('findSent', () => {
  test.each([
    ['its Message-ID', 'kept'],
    ['our mark, where the Message-ID was replaced', 'replaced'],
  ] as const)('finds a mail by %s, over all folders', (_what, messageId) =>
    withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(faultAt(/sendMail$/, { kind: 'answer', status: 504 }, true));
        const mail = mailTo(['a@example.test']);
        await expect(transport.send(mail, noAbort())).resolves.toMatchObject({ kind: 'uncertain' });
        await expect(transport.findSent?.(mail.messageId, noAbort())).resolves.toBe(true);
        await expect(transport.findSent?.('<other@example.test>', noAbort())).resolves.toBe(false);
      },
      {},
      { switches: { messageId } },
    ),
  );

  test('looks several times, because the copy appears late', () =>
    withGraph(
      async ({ transport }) => {
        const mail = mailTo(['a@example.test']);
        await transport.send(mail, noAbort());
        await expect(transport.findSent?.(mail.messageId, noAbort())).resolves.toBe(true);
      },
      { wait: soon },
      { switches: { copyVisibleAfterMs: 90 } },
    ));

  test('what sendMail has laid into Drafts may leave any moment: it cannot be told', () =>
    withGraph(
      async ({ transport }) => {
        const mail = mailTo(['a@example.test']);
        await transport.send(mail, noAbort());
        await expect(transport.findSent?.(mail.messageId, noAbort())).resolves.toBeNull();
      },
      {},
      { switches: { copyVisibleAfterMs: 60_000, copyMeanwhile: 'draft' } },
    ));

  test('a draft of our own that is still one was not sent', () =>
    withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(faultAt(/\/send$/, { kind: 'answer', status: 504 }));
        const mail = mailTo(['a@example.test']);
        await expect(transport.send(mail, noAbort())).resolves.toMatchObject({ kind: 'uncertain' });
        await expect(transport.findSent?.(mail.messageId, noAbort())).resolves.toBe(false);
      },
      { proveOnce: true },
    ));

  test('a look that fails says nothing, and nothing found says nothing where no copy is kept', () =>
    withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(faultAt(/^GET /, { kind: 'answer', status: 500 }));
        await expect(transport.findSent?.('<a@b>', noAbort())).resolves.toBeNull();
        await expect(transport.findSent?.('<a@b>', noAbort())).resolves.toBeNull();
      },
      { saveToSentItems: false },
    ));

  test('is absent without the right to read', () =>
    withGraph(
      ({ transport }) => {
        expect(transport).not.toHaveProperty('findSent');
        return Promise.resolve();
      },
      { canReadMail: false },
    ));
});

describe('the probe', () => {
  test('walks token, resolve, connect, tls and http', () =>
    withGraph(async ({ transport }) => {
      const steps: ProbeStep[] = [];
      await expect(transport.probe((step) => steps.push(step), noAbort())).resolves.toEqual({ ok: true });
      const done = steps.filter(({ status }) => status === 'done').map(({ stage }) => stage);
      expect(done).toEqual(['token', 'resolve', 'connect', 'tls', 'http']);
    }));

  test('with Mail.Send alone the refusal to read is proof enough', () =>
    withGraph(
      async ({ server: graph, transport }) => {
        knownTokens(graph, { scopes: ['Mail.Send'] });
        await expect(transport.probe(() => undefined, noAbort())).resolves.toEqual({ ok: true });
      },
      {
        canReadMail: false,
        tokens: { accessToken: () => Promise.resolve({ kind: 'token', token: 'token-client-0' }) },
      },
    ));

  test('a mailbox that is not there', () =>
    withGraph(
      async ({ transport }) => {
        await expect(transport.probe(() => undefined, noAbort())).resolves.toMatchObject({
          ok: false,
          fault: { code: 'GRAPH_MAILBOX_NOT_FOUND' },
        });
      },
      {},
      { mailboxes: ['other@example.test'] },
    ));
});
