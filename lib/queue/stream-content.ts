import { readAsDrain, type Database } from '#db/client.ts';

/** Pieces that a worker reads at the same time: pg needs several times a piece's size to receive it. */
const maxReads = 3;
const pieceBytes = 128 * 1024;

/** Reads bodies that are too large to be read ahead, for all lanes of one worker. */
export interface ContentReader {
  /** A stored mail: its finished header block, then its body piece by piece, with no transaction open in between. */
  stream(messageId: string, header: string): AsyncIterable<Uint8Array>;
}

export function createContentReader(database: Database): ContentReader {
  let reads = 0;
  const line: (() => void)[] = [];

  async function read(place: Place): Promise<Buffer | null> {
    if (reads >= maxReads) await new Promise<void>((resolve) => line.push(resolve));
    else reads += 1;
    try {
      return await readPiece(database, place);
    } finally {
      const next = line.shift();
      if (next === undefined) reads -= 1;
      else next();
    }
  }

  return {
    async *stream(messageId, header) {
      yield Buffer.from(header, 'utf8');
      for (let place = { messageId, part: 0, start: 0 }; ;) {
        const piece = await read(place);
        if (piece === null) return;
        yield piece;
        const { part, start } = place;
        place =
          piece.length < pieceBytes
            ? { messageId, part: part + 1, start: 0 }
            : { messageId, part, start: start + piece.length };
      }
    },
  };
}

interface Place {
  readonly messageId: string;
  readonly part: number;
  readonly start: number;
}

/** Null past the last part; empty at the very end of a part whose length is a multiple of a piece. */
async function readPiece(database: Database, { messageId, part, start }: Place): Promise<Buffer | null> {
  const { rows } = await readAsDrain(database, (tx) =>
    tx.queryBinary<{ bytes: Buffer }>(
      `select substring(bytes from $3::integer for ${pieceBytes}) as bytes
       from mailroom.contents where message_id = $1 and part = $2`,
      [messageId, part, start + 1],
    ),
  );
  return rows[0]?.bytes ?? null;
}

/** The bytes of a mail whose body was read ahead with the claim: one chunk, so that it leaves in one write. */
export async function* wholeContent(header: string, body: Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([Buffer.from(header, 'utf8'), body]);
}
