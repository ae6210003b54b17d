import { createDatabase } from '#db/client.ts';
import { createGraphSlots } from '#lib/graph-slots/graph-slots.ts';

/**
 * Takes turns in a process of its own: DATABASE_URL, KEY (hex), COUNT, HOLD_MS. Prints "from to" of each on one line, in
 * ms since the epoch. With COUNT "forever" it takes all four, says "holding" and keeps them.
 */
const { DATABASE_URL = '', KEY = '', COUNT = '1', HOLD_MS = '10' } = process.env;
const database = createDatabase({ connectionString: DATABASE_URL });
const slots = createGraphSlots(database).of(Buffer.from(KEY, 'hex'));
const signal = new AbortController().signal;

if (COUNT === 'forever') {
  await Promise.all([1, 2, 3, 4].map(() => slots.take(Number(HOLD_MS), signal)));
  process.stdout.write('holding\n');
  setInterval(() => undefined, 1000);
} else {
  await Promise.all(
    Array.from({ length: Number(COUNT) }, async () => {
      const slot = await slots.take(10_000, signal);
      const from = Date.now();
      await new Promise((resolve) => setTimeout(resolve, Number(HOLD_MS)));
      process.stdout.write(`${from} ${Date.now()}\n`);
      slot?.giveBack();
    }),
  );
  process.stdout.write('done\n');
  process.exit(0);
}
