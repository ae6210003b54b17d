import { asDrain, type Database } from '#db/client.ts';

/** Slices that a worker reads at the same time: each is a megabyte, and pg needs as much again to receive it. */
const maxReads = 3;
/** What is handed on at once, so that no copy of a whole slice is made on the way to the socket. */
const pieceBytes = 64 * 1024;

/** Reads bodies that are too large to be read ahead, for all lanes of one worker. */
export interface ContentReader {
  /** A stored mail: its finished header block, then its body piece by piece, with no transaction open in between. */
  stream(messageId: string, header: string): AsyncIterable<Uint8Array>;
}

export function createContentReader(database: Database): ContentReader {
  let reads = 0;
  const line: (() => void)[] = [];

  async function read(messageId: string, part: number): Promise<Buffer | null> {
    if (reads >= maxReads) await new Promise<void>((resolve) => line.push(resolve));
    else reads += 1;
    try {
      return await readSlice(database, messageId, part);
    } finally {
      const next = line.shift();
      if (next === undefined) reads -= 1;
      else next();
    }
  }

  return {
    async *stream(messageId, header) {
      yield Buffer.from(header, 'utf8');
      for (let part = 0; ; part += 1) {
        const slice = await read(messageId, part);
        if (slice === null) return;
        for (let start = 0; start < slice.length; start += pieceBytes) {
          yield slice.subarray(start, start + pieceBytes);
        }
      }
    },
  };
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
