import { randomBytes, randomFillSync } from 'node:crypto';

const poolBytes = 4096;
const pool = Buffer.alloc(poolBytes);
/** The pool's bytes in hex: written once for 512 ids. */
let random = '';
let used = 0;
let lastMs = 0;
let sequence = 0;
/** What the ids of the running millisecond begin with. */
let prefix = '';

/**
 * A UUID of version 7 (RFC 9562 5.7): 48 bits of Unix milliseconds, then a 12-bit counter that keeps ids of one
 * process in order inside a millisecond, then 62 random bits. Time order is what lists and partitions rely on.
 */
export function newId(nowMs: number = Date.now()): string {
  if (nowMs > lastMs) {
    beginMs(nowMs);
  } else if (sequence === 0xfff) {
    beginMs(lastMs + 1);
  } else {
    sequence += 1;
  }
  if (used === random.length) {
    randomFillSync(pool);
    // The variant of RFC 9562 4.1.
    for (let place = 0; place < poolBytes; place += 8) pool[place] = ((pool[place] ?? 0) & 0x3f) | 0x80;
    random = pool.toString('hex');
    used = 0;
  }
  const start = used;
  used += 16;
  const counter = sequence.toString(16).padStart(3, '0');
  return `${prefix}${counter}-${random.slice(start, start + 4)}-${random.slice(start + 4, used)}`;
}

function beginMs(ms: number): void {
  lastMs = ms;
  sequence = 0;
  const time = ms.toString(16).padStart(12, '0');
  prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
}

/** A URL-safe secret of `bytes` random bytes. */
export function newToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isId(value: string): boolean {
  return uuidPattern.test(value);
}
