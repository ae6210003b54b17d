import { ApiError } from './problem.ts';
import { DomainError } from '../errors.ts';

// Bodies that are being read at the same time may take this much memory in all, whoever sends them.
const sharedBudgetBytes = 268_435_456;
let inUseBytes = 0;

export interface JsonBody {
  readonly value: unknown;
  /** As it came, for the fingerprint. */
  readonly bytes: Buffer;
}

/**
 * Reads a JSON body of at most `limitBytes`. The size is checked while it is read: nothing beyond the limit is ever
 * kept in memory, whatever Content-Length says.
 */
export async function readJsonBody(request: Request, limitBytes: number): Promise<JsonBody> {
  checkHeaders(request.headers);
  const announced = Number(request.headers.get('content-length') ?? '0');
  if (announced > limitBytes) throw tooLarge(limitBytes);
  const bytes = await readBytes(request, limitBytes);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { value, bytes };
  } catch {
    throw new ApiError('invalid_json', 'The body is not JSON in UTF-8.');
  }
}

function checkHeaders(headers: Headers): void {
  const type = headers.get('content-type') ?? '';
  if (!/^application\/json(?:\s*;\s*charset="?utf-8"?)?\s*$/i.test(type)) {
    throw new ApiError('unsupported_media_type', 'Send the body as application/json.');
  }
  if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity') {
    throw new ApiError('unsupported_media_type', 'Send the body without a Content-Encoding.');
  }
}

async function readBytes(request: Request, limitBytes: number): Promise<Buffer> {
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body) {
      length += chunk.byteLength;
      inUseBytes += chunk.byteLength;
      if (length > limitBytes) throw tooLarge(limitBytes);
      if (inUseBytes > sharedBudgetBytes && length < inUseBytes) {
        throw new ApiError(
          'too_many_requests',
          'Too many large messages come in at the same time. Try again.',
        );
      }
      chunks.push(chunk);
    }
    return chunks.length === 1 && chunks[0] !== undefined
      ? Buffer.from(chunks[0])
      : Buffer.concat(chunks, length);
  } finally {
    inUseBytes -= length;
  }
}

function tooLarge(limitBytes: number): DomainError {
  return new DomainError('too_large', `The request has more than ${limitBytes} bytes, which is the limit.`, {
    data: { limitBytes },
  });
}
