import { randomBytes } from 'node:crypto';
import {
  hmacMd5,
  lmResponse,
  ntResponse,
  passwordKey,
  responseBlob,
  sessionKey,
  type NtlmIdentity,
} from './ntlm-keys.ts';

/**
 * The client's two messages of NTLMv2 over HTTP [MS-NLMP 2.2.1, MS-NTHT]: no signing, no sealing, so neither a key
 * exchange nor RC4; with a message integrity code and a channel binding as Extended Protection asks for.
 */

export const ntlmSignature = Buffer.from('NTLMSSP\0', 'latin1');

const flagUnicode = 0x0000_0001;
const flagRequestTarget = 0x0000_0004;
const flagNtlm = 0x0000_0200;
const flagAlwaysSign = 0x0000_8000;
const flagExtendedSecurity = 0x0008_0000;
const flagTargetInfo = 0x0080_0000;
const flag128 = 0x2000_0000;
const ourFlags =
  (flagUnicode |
    flagRequestTarget |
    flagNtlm |
    flagAlwaysSign |
    flagExtendedSecurity |
    flagTargetInfo |
    flag128) >>>
  0;

/** Attributes of the target information [MS-NLMP 2.2.2.1]. */
export const avId = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;
const micIsPresent = 2;
const micOffset = 72;
const authenticateHeadBytes = 88;

export interface NtlmChallenge {
  readonly message: Buffer;
  readonly serverChallenge: Buffer;
  readonly targetInfo: readonly AvPair[];
}

export interface AvPair {
  readonly id: number;
  readonly value: Buffer;
}

/** What makes one handshake differ from the next; tests give values of the specification. */
export interface NtlmFreshness {
  readonly clientChallenge: Buffer;
  /** 100-nanosecond steps since 1601, for a server that tells no time of its own. */
  readonly time: bigint;
}

/** `DOMAIN\user` has a domain of its own; any other name is one whole, `user@example.com` above all. */
export function ntlmIdentity(name: string): NtlmIdentity {
  const parts = /^(?<domain>[^\\@]+)\\(?<userName>.+)$/.exec(name)?.groups;
  return { domain: parts?.['domain'] ?? '', userName: parts?.['userName'] ?? name };
}

export function freshHandshake(nowMs: number): NtlmFreshness {
  return {
    clientChallenge: randomBytes(8),
    time: (BigInt(Math.round(nowMs)) + 11_644_473_600_000n) * 10_000n,
  };
}

/** NEGOTIATE_MESSAGE, the opening of the handshake. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(32);
  ntlmSignature.copy(message);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(ourFlags, 12);
  return message;
}

/** Reads a CHALLENGE_MESSAGE; null where it is none that NTLMv2 can answer. */
export function readChallenge(message: Buffer): NtlmChallenge | null {
  if (message.length < 48 || !message.subarray(0, 8).equals(ntlmSignature)) return null;
  if (message.readUInt32LE(8) !== 2) return null;
  if ((message.readUInt32LE(20) & flagUnicode) === 0) return null;
  const targetInfo = readAvPairs(readField(message, 40));
  if (targetInfo === null) return null;
  return { message, serverChallenge: message.subarray(24, 32), targetInfo };
}

/** AUTHENTICATE_MESSAGE: the answer to a challenge. `binding` is the channel binding, `target` the host's name. */
export function authenticateMessage(
  challenge: NtlmChallenge,
  credentials: { readonly userName: string; readonly password: string },
  place: { readonly target: string; readonly binding: Buffer },
  fresh: NtlmFreshness,
): Buffer {
  const identity = ntlmIdentity(credentials.userName);
  const key = passwordKey(credentials.password, identity);
  const timestamp = challenge.targetInfo.find(({ id }) => id === avId.timestamp)?.value;
  const time = timestamp?.length === 8 ? timestamp.readBigUInt64LE() : fresh.time;
  const blob = responseBlob(
    time,
    fresh.clientChallenge,
    writeAvPairs(answeredPairs(challenge.targetInfo, place)),
  );
  const response = ntResponse(key, challenge.serverChallenge, blob);
  const lm =
    timestamp === undefined
      ? lmResponse(key, challenge.serverChallenge, fresh.clientChallenge)
      : Buffer.alloc(24);
  const message = layOut(lm, response, identity);
  const whole = Buffer.concat([negotiateMessage(), challenge.message, message]);
  hmacMd5(sessionKey(key, response), whole).copy(message, micOffset);
  return message;
}

/** The server's attributes with our own: that an integrity code is there, the channel, and whom we mean. */
function answeredPairs(
  pairs: readonly AvPair[],
  place: { readonly target: string; readonly binding: Buffer },
): readonly AvPair[] {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE((pairs.find(({ id }) => id === avId.flags)?.value.readUInt32LE() ?? 0) | micIsPresent);
  const ours: readonly AvPair[] = [
    { id: avId.flags, value: flags },
    { id: avId.channelBindings, value: place.binding },
    { id: avId.targetName, value: Buffer.from(`HTTP/${place.target}`, 'utf16le') },
  ];
  return [...pairs.filter(({ id }) => ours.every((own) => own.id !== id)), ...ours];
}

function layOut(lm: Buffer, response: Buffer, { domain, userName }: NtlmIdentity): Buffer {
  const head = Buffer.alloc(authenticateHeadBytes);
  ntlmSignature.copy(head);
  head.writeUInt32LE(3, 8);
  const payload: Buffer[] = [];
  let at = authenticateHeadBytes;
  const place = (offset: number, value: Buffer): void => {
    head.writeUInt16LE(value.length, offset);
    head.writeUInt16LE(value.length, offset + 2);
    head.writeUInt32LE(at, offset + 4);
    payload.push(value);
    at += value.length;
  };
  place(12, lm);
  place(20, response);
  place(28, Buffer.from(domain, 'utf16le'));
  place(36, Buffer.from(userName, 'utf16le'));
  // The workstation's name says nothing to anyone; no session key is exchanged.
  place(44, Buffer.alloc(0));
  place(52, Buffer.alloc(0));
  head.writeUInt32LE(ourFlags, 60);
  return Buffer.concat([head, ...payload]);
}

/** The value that a length, room and offset of a message point to; empty where they point outside. */
export function readField(message: Buffer, offset: number): Buffer {
  const length = message.readUInt16LE(offset);
  const start = message.readUInt32LE(offset + 4);
  return start + length > message.length ? Buffer.alloc(0) : message.subarray(start, start + length);
}

export function readAvPairs(bytes: Buffer): readonly AvPair[] | null {
  const pairs: AvPair[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const id = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (id === avId.end) return pairs;
    if (at + 4 + length > bytes.length || (id === avId.flags && length !== 4)) return null;
    pairs.push({ id, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return null;
}

export function writeAvPairs(pairs: readonly AvPair[]): Buffer {
  const end = { id: avId.end, value: Buffer.alloc(0) };
  return Buffer.concat(
    [...pairs, end].flatMap(({ id, value }) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(value.length, 2);
      return [head, value];
    }),
  );
}
