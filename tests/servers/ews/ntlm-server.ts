import { randomBytes, timingSafeEqual, type X509Certificate } from 'node:crypto';
import { channelBinding, hmacMd5, passwordKey, sessionKey } from '#lib/transports/ews/ntlm-keys.ts';
import { avId, ntlmSignature, readAvPairs, readField, writeAvPairs } from '#lib/transports/ews/ntlm.ts';

export interface NtlmUser {
  readonly userName: string;
  readonly domain: string;
  readonly password: string;
}

/** A handshake under way: what was said so far, for the integrity code. */
export interface NtlmHandshake {
  readonly negotiate: Buffer;
  readonly challenge: Buffer;
  readonly serverChallenge: Buffer;
}

const micOffset = 72;

/** CHALLENGE_MESSAGE [MS-NLMP 2.2.1.2] to a client's opening; null where it is none. */
export function challengeOf(negotiate: Buffer): NtlmHandshake | null {
  if (negotiate.length < 16 || !negotiate.subarray(0, 8).equals(ntlmSignature)) return null;
  if (negotiate.readUInt32LE(8) !== 1) return null;
  const serverChallenge = randomBytes(8);
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64LE((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n);
  const info = writeAvPairs([
    { id: 2, value: Buffer.from('EXAMPLE', 'utf16le') },
    { id: 1, value: Buffer.from('EXCHANGE', 'utf16le') },
    { id: avId.timestamp, value: timestamp },
  ]);
  const name = Buffer.from('EXAMPLE', 'utf16le');
  const head = Buffer.alloc(56);
  ntlmSignature.copy(head);
  head.writeUInt32LE(2, 8);
  placeField(head, 12, name.length, 56);
  head.writeUInt32LE(0xa2_88_82_05, 20);
  serverChallenge.copy(head, 24);
  placeField(head, 40, info.length, 56 + name.length);
  return { negotiate, challenge: Buffer.concat([head, name, info]), serverChallenge };
}

function placeField(head: Buffer, offset: number, length: number, at: number): void {
  head.writeUInt16LE(length, offset);
  head.writeUInt16LE(length, offset + 2);
  head.writeUInt32LE(at, offset + 4);
}

/** The user that an AUTHENTICATE_MESSAGE proves to be; null where anything of it does not hold. */
export function authenticatedUser<User extends NtlmUser>(
  message: Buffer,
  handshake: NtlmHandshake,
  users: readonly User[],
  certificate: X509Certificate | null,
): User | null {
  if (message.length < 88 || !message.subarray(0, 8).equals(ntlmSignature)) return null;
  if (message.readUInt32LE(8) !== 3) return null;
  const domain = readField(message, 28).toString('utf16le');
  const userName = readField(message, 36).toString('utf16le');
  const response = readField(message, 20);
  const user = users.find((known) => isNamed(known, domain, userName));
  if (user === undefined || response.length < 48) return null;
  const key = passwordKey(user.password, { userName, domain });
  const proof = hmacMd5(key, Buffer.concat([handshake.serverChallenge, response.subarray(16)]));
  if (!timingSafeEqual(proof, response.subarray(0, 16))) return null;
  const pairs = readAvPairs(response.subarray(44)) ?? [];
  const isSealed = ((pairs.find(({ id }) => id === avId.flags)?.value.readUInt32LE() ?? 0) & 2) !== 0;
  if (isSealed && !hasIntegrity(message, handshake, sessionKey(key, response))) return null;
  const binding = pairs.find(({ id }) => id === avId.channelBindings)?.value;
  // Extended Protection wants the binding, which only the integrity code protects.
  const isBound = certificate === null || (isSealed && binding?.equals(channelBinding(certificate)) === true);
  return isBound ? user : null;
}

function isNamed(user: NtlmUser, domain: string, userName: string): boolean {
  const lower = userName.toLowerCase();
  if (domain === '') return lower === user.userName.toLowerCase();
  const account = user.userName.replace(/@.*$/, '').toLowerCase();
  return domain.toLowerCase() === user.domain.toLowerCase() && lower === account;
}

function hasIntegrity(message: Buffer, { negotiate, challenge }: NtlmHandshake, key: Buffer): boolean {
  const blank = Buffer.from(message);
  blank.fill(0, micOffset, micOffset + 16);
  const code = hmacMd5(key, Buffer.concat([negotiate, challenge, blank]));
  return timingSafeEqual(code, message.subarray(micOffset, micOffset + 16));
}
