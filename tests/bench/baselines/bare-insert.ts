import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { textOf } from '../support/mail.ts';

const clients = 16;

/** Rows per second of one parametrised INSERT per mail into one bare table, from as many clients as the API has. */
export async function bareInsertRate(
  connectionString: string,
  count: number,
  bytes: number,
): Promise<number> {
  return await inBareTable(connectionString, async (pool) => {
    const body = textOf(bytes);
    return await rate(count, async () => {
      await pool.query('insert into bare_mails (id, body) values ($1, $2)', [randomUUID(), body]);
    });
  });
}

/** Rows per second when one `unnest` INSERT takes `batch` mails. */
export async function unnestInsertRate(
  connectionString: string,
  count: number,
  bytes: number,
  batch: number,
): Promise<number> {
  return await inBareTable(connectionString, async (pool) => {
    const body = textOf(bytes);
    const perSecond = await rate(count / batch, async () => {
      await pool.query('insert into bare_mails (id, body) select * from unnest($1::uuid[], $2::text[])', [
        Array.from({ length: batch }, () => randomUUID()),
        Array.from({ length: batch }, () => body),
      ]);
    });
    return perSecond * batch;
  });
}

async function inBareTable(
  connectionString: string,
  measure: (pool: pg.Pool) => Promise<number>,
): Promise<number> {
  const pool = new pg.Pool({ connectionString, max: clients });
  await pool.query('create table if not exists bare_mails (id uuid primary key, body text not null)');
  await Promise.all(Array.from({ length: clients }, () => pool.query('select 1')));
  try {
    return await measure(pool);
  } finally {
    await pool.query('drop table bare_mails');
    await pool.end();
  }
}

/** Calls per second of `once` from that many clients in turn. */
async function rate(calls: number, once: () => Promise<void>): Promise<number> {
  let begun = 0;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (begun < calls) {
        begun += 1;
        await once();
      }
    }),
  );
  return (calls / (performance.now() - startedMs)) * 1000;
}
