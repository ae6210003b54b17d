import assert from 'node:assert/strict';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { contextOf } from '#tests/support/factories.ts';
import type { Fault } from '../fault.ts';
import { Desk } from '../support/desk.ts';
import { smtpInput } from '../support/settings.ts';
import { setClock } from './set-clock.ts';

/** Days in Berlin on which clocks change, in UTC: each has one limit, whatever the clock of the database does in it. */
const days = [
  { hours: 23, startsAt: '2027-03-27T23:00:00Z', endsAt: '2027-03-28T22:00:00Z' },
  { hours: 25, startsAt: '2027-10-30T22:00:00Z', endsAt: '2027-10-31T23:00:00Z' },
] as const;

const limit = 10;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Facts, fault 21; PRODUCT 5.2. */
export const dayChanges: Fault = {
  name: 'day-changes',
  title:
    'the days of 23 and of 25 hours in Berlin, with steps back in them and over midnight: one limit for each',
  needs: 'server',
  withinMs: 400_000,
  movesClock: true,
  isLong: true,
  run: async (ground) => {
    const berlin = { name: 'Berlin', slug: 'berlin', timeZone: 'Europe/Berlin' };
    const ctx = contextOf(ground.ctx, await createOrganization(ground.ctx, 'faults', berlin));
    const sink = await ground.startFastSink();
    await ground.startWorker();
    for (const { hours, startsAt, endsAt } of days) {
      const desk = await Desk.open(ctx, sink.mailbox, smtpInput({ port: sink.port }));
      ground.desks.push(desk);
      await desk.limitTo(limit);
      const start = Date.parse(startsAt);
      const end = Date.parse(endsAt);
      assert.equal(end - start, hours * hourMs);
      /** Hands mails in at that time, which somebody has set the clock to. */
      const handIn = async (atMs: number, startedBefore: number, startedAfter: number): Promise<void> => {
        const count = async (): Promise<number> => (await desk.states())['sent'] ?? 0;
        assert.equal(await count(), startedBefore);
        await setClock(ground, atMs);
        await desk.accept(limit + 5);
        await desk.settled(120_000);
        assert.equal(await count(), startedAfter, `at ${new Date(atMs).toISOString()}`);
      };
      await handIn(start + 30 * minuteMs, 0, limit);
      // Late in the same day, and twice back in it: nothing is left.
      await handIn(end - 30 * minuteMs, limit, limit);
      await handIn(end - 3 * hourMs, limit, limit);
      await handIn(start + 30 * minuteMs, limit, limit);
      // The next day has a limit of its own; a step back over midnight does not give the last one another.
      await handIn(end + minuteMs, limit, 2 * limit);
      await handIn(end - 30 * minuteMs, 2 * limit, 2 * limit);
      await handIn(end + 2 * hourMs, 2 * limit, 2 * limit);
    }
  },
};
