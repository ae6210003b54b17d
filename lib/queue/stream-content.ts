import { asDrain, type Database } from '#db/client.ts';

/**
 * The bytes of a stored mail: its finished header block, then its body slice by slice. One slice is in memory at a
 * time, and no transaction is open between two of them.
 */
export async function* streamContent(
  database: Database,
  messageId: string,
  header: string,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header, 'utf8');
  for (let part = 0; ; part += 1) {
    const slice = await readSlice(database, messageId, part);
    if (slice === null) break;
    yield slice;
  }
}

async function readSlice(database: Database, messageId: string, part: number): Promise<Buffer | null> {
  const { rows } = await asDrain(database, (tx) =>
    tx.queryBinary<{ bytes: Buffer }>(
      'select bytes from mailroom.contents where message_id = $1 and part = $2',
      [messageId, part],
    ),
  );
  return rows[0]?.bytes ?? null;
}

/** The bytes of a mail whose body was read ahead with the claim: one chunk, so that it leaves in one write. */
export async function* wholeContent(header: string, body: Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([Buffer.from(header, 'utf8'), body]);
}
