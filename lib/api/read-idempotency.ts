import { createHash } from 'node:crypto';
import { invalidField } from '../errors.ts';
import { idempotencyKey } from '../messages/schemas.ts';

/** The Idempotency-Key of a call with the SHA-256 of its path and body; null without one. */
export function readIdempotency(
  request: Request,
  body: Buffer,
): { readonly key: string; readonly fingerprint: Buffer } | null {
  const given = request.headers.get('idempotency-key');
  if (given === null) return null;
  const key = idempotencyKey.safeParse(given);
  if (!key.success) throw invalidField('Idempotency-Key', key.error.issues[0]?.message ?? 'Not a key.');
  const path = new URL(request.url).pathname;
  return { key: key.data, fingerprint: createHash('sha256').update(path).update('\n').update(body).digest() };
}
