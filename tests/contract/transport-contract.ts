import { describe, expect, test } from 'vitest';
import type { OutgoingMail, ProbeStep, SendOutcome, Transport } from '#lib/transports/contract.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';

/** What the far side does; each protocol's harness brings it about in its own way. */
export type FarSide =
  | 'works'
  | 'isDown'
  | 'refusesSignIn'
  | 'refusesTheMail'
  | 'isBusyForNow'
  | 'asksToSlowDown'
  | 'refusesOneRecipient'
  | 'hangsBeforeTheAnswer'
  | 'breaksOffBeforeTheAnswer';

export interface ReceivedByFarSide {
  readonly to: readonly string[];
  readonly content: string;
}

export interface TransportUnderTest {
  readonly transport: Transport;
  /** Mails that the far side has taken, or may have taken. */
  readonly received: () => readonly ReceivedByFarSide[];
  close(): Promise<void>;
}

export interface TransportHarness {
  /** What a far side of this protocol never does. */
  readonly cannot?: readonly FarSide[];
  /** A far side and a transport to it. The far side refuses `refused@example.test` where it refuses one recipient. */
  start(farSide: FarSide): Promise<TransportUnderTest>;
}

/** What every transport promises (lib/transports/contract.ts), checked on any of them. */
export function describeTransportContract(name: string, harness: TransportHarness): void {
  async function using<T>(farSide: FarSide, work: (under: TransportUnderTest) => Promise<T>): Promise<T> {
    const under = await harness.start(farSide);
    try {
      return await work(under);
    } finally {
      await under.close();
    }
  }

  async function sendTo(farSide: FarSide, mail: OutgoingMail): Promise<SendOutcome> {
    return using(farSide, ({ transport }) => transport.send(mail, noAbort()));
  }

  describe(`${name}: what an outcome says`, () => {
    test('accepted: the content arrived, exactly for the envelope, each recipient with its result', () =>
      using('works', async ({ transport, received }) => {
        const to = ['a@example.test', 'b@example.test'];
        const mail = testMail(
          { envelope: { from: 'sender@example.test', to } },
          'Subject: x\r\nTo: c@example.test\r\n\r\n.x\r\n',
        );
        const outcome = await transport.send(mail, noAbort());
        expect(outcome).toMatchObject({ kind: 'accepted' });
        const results = outcome.kind === 'accepted' ? outcome.perRecipient : [];
        expect(results.map(({ kind, address }) => `${kind} ${address}`)).toEqual(
          to.map((address) => `accepted ${address}`),
        );
        expect(received()).toHaveLength(1);
        expect(received()[0]?.to.toSorted()).toEqual(to);
        expect(received()[0]?.content).toContain('\r\n.x\r\n');
      }));

    test.each([
      ['isDown', 'unreachable'],
      ['refusesSignIn', 'credentials'],
      ['refusesTheMail', 'permanent'],
      ['isBusyForNow', 'temporary'],
      ['asksToSlowDown', 'throttled'],
      ['breaksOffBeforeTheAnswer', 'uncertain'],
    ] as const)('a far side that %s: %s, with a stable code', async (farSide, kind) => {
      const outcome = await sendTo(farSide, testMail());
      expect(outcome.kind).toBe(kind);
      expect('fault' in outcome ? outcome.fault.code : '').toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/);
    });

    test.skipIf(harness.cannot?.includes('refusesOneRecipient') === true)(
      'some recipients refused: the others have the mail, and each result stands alone',
      () =>
        using('refusesOneRecipient', async ({ transport, received }) => {
          const to = ['a@example.test', 'refused@example.test'];
          const outcome = await transport.send(
            testMail({ envelope: { from: 'sender@example.test', to } }),
            noAbort(),
          );
          expect(outcome.kind).toBe('accepted');
          const results = outcome.kind === 'accepted' ? outcome.perRecipient : [];
          expect(results.map(({ kind, address }) => `${kind} ${address}`).toSorted()).toEqual([
            'accepted a@example.test',
            'permanent refused@example.test',
          ]);
          expect(received()[0]?.to).toEqual(['a@example.test']);
        }),
    );
  });

  describe(`${name}: the gates`, () => {
    test.each([
      ['mayStart says no', { mayStart: () => Promise.resolve(false) }],
      ['mayStart fails', { mayStart: () => Promise.reject(new Error('database')) }],
      ['mayFinish says no', { mayFinish: () => false }],
      [
        'mayFinish fails',
        {
          mayFinish: () => {
            throw new Error('clock');
          },
        },
      ],
    ])('%s: withheld, and the far side has no mail', (_what, changes) =>
      using('works', async ({ transport, received }) => {
        await expect(transport.send(testMail(changes), noAbort())).resolves.toEqual({ kind: 'withheld' });
        expect(received()).toEqual([]);
      }),
    );

    test('mayStart is asked once, before the content is opened; mayFinish only after', () =>
      using('works', async ({ transport }) => {
        const calls: string[] = [];
        const bytes = Buffer.from('Subject: x\r\n\r\nx\r\n');
        const mail = testMail({
          sizeBytes: bytes.length,
          mayStart: () => {
            calls.push('mayStart');
            return Promise.resolve(true);
          },
          mayFinish: () => {
            calls.push('mayFinish');
            return true;
          },
          open: async function* () {
            calls.push('open');
            yield bytes;
          },
        });
        await transport.send(mail, noAbort());
        expect(calls.slice(0, 3)).toEqual(['mayStart', 'open', 'mayFinish']);
        // It may be asked again with the write itself.
        expect(calls.slice(3).every((call) => call === 'mayFinish')).toBe(true);
      }));
  });

  describe(`${name}: the signal and the end`, () => {
    test('a signal raised before: withheld, and nothing was asked', () =>
      using('works', async ({ transport, received }) => {
        await expect(transport.send(testMail(), AbortSignal.abort())).resolves.toEqual({ kind: 'withheld' });
        expect(received()).toEqual([]);
      }));

    test('a signal raised while the answer is waited for: uncertain', () =>
      using('hangsBeforeTheAnswer', async ({ transport, received }) => {
        const controller = new AbortController();
        const outcome = transport.send(testMail(), controller.signal);
        await expect.poll(() => received().length).toBe(1);
        controller.abort();
        await expect(outcome).resolves.toMatchObject({ kind: 'uncertain' });
      }));

    test('many at once: each arrives once', () =>
      using('works', async ({ transport, received }) => {
        const mails = Array.from({ length: 30 }, () => testMail());
        const outcomes = await Promise.all(mails.map((mail) => transport.send(mail, noAbort())));
        expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
        for (const { messageId } of mails) {
          expect(received().filter(({ content }) => content.includes(messageId))).toHaveLength(1);
        }
      }));

    test('after close nothing is sent; closing twice does no harm', () =>
      using('works', async ({ transport, received }) => {
        await transport.close();
        await transport.close();
        await expect(transport.send(testMail(), noAbort())).resolves.toEqual({ kind: 'withheld' });
        expect(received()).toEqual([]);
      }));
  });

  describe(`${name}: the probe`, () => {
    test.each([
      ['works', true],
      ['refusesSignIn', false],
      ['isDown', false],
    ] as const)('of a far side that %s: every step that begins ends, and no mail is sent', (farSide, ok) =>
      using(farSide, async ({ transport, received }) => {
        const steps: ProbeStep[] = [];
        const result = await transport.probe((step) => steps.push(step), noAbort());
        expect(result.ok).toBe(ok);
        const begun = steps.filter(({ status }) => status === 'running').map(({ stage }) => stage);
        const ended = steps.filter(({ status }) => status !== 'running').map(({ stage }) => stage);
        expect(ended).toEqual(begun);
        expect(begun.length).toBeGreaterThan(0);
        expect(steps.at(-1)?.status).toBe(ok ? 'done' : 'failed');
        expect(received()).toEqual([]);
      }),
    );
  });
}
