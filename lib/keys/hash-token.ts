import { createHash } from 'node:crypto';

/** SHA-256 is enough: a token is 32 random bytes, not a word that could be guessed. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
