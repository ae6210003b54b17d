import { createHash, createHmac, type X509Certificate } from 'node:crypto';
import { md4 } from './md4.ts';

/** The computations of NTLMv2 [MS-NLMP 3.3.2, 3.1.5.1.2], apart from how its messages are laid out. */

export interface NtlmIdentity {
  readonly userName: string;
  /** Empty for a name such as user@example.com. */
  readonly domain: string;
}

export function hmacMd5(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest();
}

/** NTOWFv2: the key that a password and its owner make. */
export function passwordKey(password: string, { userName, domain }: NtlmIdentity): Buffer {
  return hmacMd5(md4(Buffer.from(password, 'utf16le')), Buffer.from(upperCase(userName) + domain, 'utf16le'));
}

/** What the client proves its key with: the proof string and what it was made over, together the NT response. */
export function ntResponse(key: Buffer, serverChallenge: Buffer, blob: Buffer): Buffer {
  return Buffer.concat([hmacMd5(key, Buffer.concat([serverChallenge, blob])), blob]);
}

/** The client's part of the NT response: time as Windows counts it, its own challenge, the target information. */
export function responseBlob(time: bigint, clientChallenge: Buffer, targetInfo: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt16LE(0x0101, 0);
  head.writeBigUInt64LE(time, 8);
  return Buffer.concat([head, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
}

export function lmResponse(key: Buffer, serverChallenge: Buffer, clientChallenge: Buffer): Buffer {
  return Buffer.concat([hmacMd5(key, Buffer.concat([serverChallenge, clientChallenge])), clientChallenge]);
}

/** Session base key; without a key exchange it is what the message integrity code is made with. */
export function sessionKey(key: Buffer, response: Buffer): Buffer {
  return hmacMd5(key, response.subarray(0, 16));
}

/**
 * The binding of the sign-in to this TLS connection: MD5 over the bindings of RFC 2744 3.11 with the application data
 * of RFC 5929 4 (tls-server-end-point), as Extended Protection wants it [MS-NLMP 3.1.5.1.2].
 */
export function channelBinding(certificate: X509Certificate): Buffer {
  const digest = createHash(endPointHash(certificate.signatureAlgorithm)).update(certificate.raw).digest();
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), digest]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

/** The certificate's own hash, SHA-256 in the place of MD5, SHA-1 and what names none. */
function endPointHash(signatureAlgorithm: string | undefined): 'sha256' | 'sha384' | 'sha512' {
  if (/sha-?384/i.test(signatureAlgorithm ?? '')) return 'sha384';
  if (/sha-?512/i.test(signatureAlgorithm ?? '')) return 'sha512';
  return 'sha256';
}

// Windows turns each character by itself: what would become two stays as it is.
function upperCase(text: string): string {
  return text.replaceAll(/[\s\S]/gu, (character) => {
    const upper = character.toUpperCase();
    return upper.length === character.length ? upper : character;
  });
}
