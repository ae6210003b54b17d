import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';

export const newPassword = z
  .string()
  .min(10, 'A password has at least 10 characters.')
  .max(256, 'A password has at most 256 characters.');

// OWASP's second choice for argon2id: 19 MiB, two passes, one lane. argon2id is the library's default algorithm.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

let unknownUserHash: Promise<string> | undefined;

/**
 * Whether the password is that of the hash. Null (there is no such user) takes as long as a wrong password, so that
 * nobody learns by the clock who has an account.
 */
export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  unknownUserHash ??= hashPassword('nobody has this password');
  const isMatch = await verify(passwordHash ?? (await unknownUserHash), password);
  return passwordHash !== null && isMatch;
}
