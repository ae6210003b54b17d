import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { createGraphSlots } from '#lib/graph-slots/graph-slots.ts';
import { slotKey } from '#lib/graph-slots/slot-key.ts';
import { createKeyring } from '#lib/secrets/keyring.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { spawnProgram } from '#tests/support/processes.ts';

const { database, connectionString } = await createTestDatabase();
const program = 'tests/integration/graph-slots/hold-slots-program.ts';

function run(key: Buffer, count: string, holdMs: number): ReturnType<typeof spawnProgram> {
  const env = {
    DATABASE_URL: connectionString,
    KEY: key.toString('hex'),
    COUNT: count,
    HOLD_MS: String(holdMs),
  };
  return spawnProgram(program, { env });
}

// PRODUCT 4.6: never more than four requests at a time, whatever the number of workers.
describe('turns over processes', () => {
  test('two processes never hold more than four together, and both get their share', async () => {
    const key = randomBytes(32);
    const programs = [run(key, '24', 15), run(key, '24', 15)];
    await Promise.all(programs.map(({ exited }) => exited));
    const spans = programs.map((each) => readSpans(each.output()));
    expect(spans.map((each) => each.length)).toEqual([24, 24]);
    expect(peakOf(spans.flat())).toBeLessThanOrEqual(4);
    expect(peakOf(spans.flat())).toBeGreaterThan(1);
  });

  test('the turns of a killed process are taken again after their time, not before', async () => {
    const key = randomBytes(32);
    const holding = run(key, 'forever', 60_000);
    await expect.poll(() => holding.output(), { timeout: 15_000 }).toContain('holding');
    holding.signal('SIGKILL');
    await holding.exited;
    const slots = createGraphSlots(database).of(key);
    const controller = new AbortController();
    const taken = slots.take(1000, controller.signal);
    // The killed process may have left a wish of its own beside this one.
    await expect.poll(() => wantedCount(key), { timeout: 15_000 }).toBeGreaterThan(0);
    expect(await heldCount(key)).toBe(4);
    await endTurns(key);
    const slot = await taken;
    expect(slot).not.toBeNull();
    slot?.giveBack();
  });
});

describe('turns in one process', () => {
  test('come in order, go back, and leave nothing held', async () => {
    const key = randomBytes(32);
    const all = createGraphSlots(database);
    const slots = all.of(key);
    const order: number[] = [];
    let held = 0;
    let peak = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const slot = await slots.take(5000, noAbort());
        held += 1;
        peak = Math.max(peak, held);
        order.push(index);
        await new Promise((resolve) => setTimeout(resolve, 2));
        held -= 1;
        slot?.giveBack();
        slot?.giveBack();
      }),
    );
    await all.settled();
    expect(peak).toBeLessThanOrEqual(4);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(await heldCount(key)).toBe(0);
  });

  test('the signal ends the wait, and nobody waits for it afterwards', async () => {
    const slots = createGraphSlots(database).of(randomBytes(32));
    const four = await Promise.all([1, 2, 3, 4].map(() => slots.take(5000, noAbort())));
    const controller = new AbortController();
    const fifth = slots.take(5000, controller.signal);
    const sixth = slots.take(5000, noAbort());
    controller.abort();
    await expect(fifth).resolves.toBeNull();
    four[0]?.giveBack();
    await expect(sixth).resolves.not.toBeNull();
  });

  test('a late hand gives back nothing that another one holds', async () => {
    const key = randomBytes(32);
    const all = createGraphSlots(database);
    const late = await all.of(key).take(5000, noAbort());
    await endTurns(key);
    const others = await Promise.all([1, 2, 3, 4].map(() => all.of(key).take(5000, noAbort())));
    late?.giveBack();
    await all.settled();
    expect(await heldCount(key)).toBe(4);
    for (const slot of others) slot?.giveBack();
    await all.settled();
  });

  test('different mailboxes do not wait for each other', async () => {
    const all = createGraphSlots(database);
    const [one, two] = [all.of(randomBytes(32)), all.of(randomBytes(32))];
    await Promise.all([1, 2, 3, 4].map(() => one.take(5000, noAbort())));
    await expect(two.take(5000, noAbort())).resolves.not.toBeNull();
  });
});

// PRODUCT 2.13: the key is global over organizations, a keyed hash of cloud, client ID and mailbox.
test('the key is the same for the same mailbox, in any spelling, and says nothing', () => {
  const old = `old:${Buffer.alloc(32, 1).toString('base64')}`;
  const keyring = createKeyring(old);
  const facts = { cloud: 'graph.microsoft.com', clientId: 'abc', mailbox: 'Sender@example.test' };
  const key = slotKey(keyring, facts);
  expect(key).toHaveLength(32);
  expect(slotKey(keyring, { ...facts, clientId: 'ABC', mailbox: 'sender@example.test' })).toEqual(key);
  expect(slotKey(keyring, { ...facts, mailbox: null })).not.toEqual(key);
  expect(slotKey(keyring, { ...facts, cloud: 'graph.microsoft.us' })).not.toEqual(key);
  const rotated = createKeyring(`new:${Buffer.alloc(32, 2).toString('base64')},${old}`);
  expect(slotKey(rotated, facts)).toEqual(key);
});

function readSpans(output: string): { from: number; to: number }[] {
  return output.split('\n').flatMap((line) => {
    const [from, to] = line.split(' ').map(Number);
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
}

/** How many spans lie over each other at the most; one that ends as another begins does not. */
function peakOf(spans: readonly { from: number; to: number }[]): number {
  return Math.max(
    ...spans.map(({ from }) => spans.filter((other) => other.from <= from && other.to > from).length),
  );
}

async function count(key: Buffer, what: string): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::integer as count from mailroom.graph_slots where key = $1 and ${what} > mailroom.now()`,
      [key],
    ),
  );
  return rows[0]?.count ?? 0;
}

function heldCount(key: Buffer): Promise<number> {
  return count(key, 'held_until');
}

function wantedCount(key: Buffer): Promise<number> {
  return count(key, 'wanted_until');
}

/** As if their time were over. */
async function endTurns(key: Buffer): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query(`update mailroom.graph_slots set held_until = mailroom.now() where key = $1`, [key]),
  );
}
