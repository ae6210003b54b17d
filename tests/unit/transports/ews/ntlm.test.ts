import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { md4 } from '#lib/transports/ews/md4.ts';
import {
  channelBinding,
  hmacMd5,
  lmResponse,
  ntResponse,
  passwordKey,
  responseBlob,
  sessionKey,
} from '#lib/transports/ews/ntlm-keys.ts';
import {
  authenticateMessage,
  avId,
  negotiateMessage,
  ntlmIdentity,
  readAvPairs,
  readChallenge,
  readField,
  writeAvPairs,
} from '#lib/transports/ews/ntlm.ts';
import { makeCertificate } from '#tests/servers/smtp/certificates.ts';

// The test suite of RFC 1320, A.5.
test.each([
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
  ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
])('MD4 of "%s"', (text, digest) => {
  expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
});

// The worked example of MS-NLMP 4.2.4 with the common values of 4.2.1.
const identity = { userName: 'User', domain: 'Domain' };
const serverChallenge = Buffer.from('0123456789abcdef', 'hex');
const clientChallenge = Buffer.from('aaaaaaaaaaaaaaaa', 'hex');
const targetInfo = writeAvPairs([
  { id: 2, value: Buffer.from('Domain', 'utf16le') },
  { id: 1, value: Buffer.from('Server', 'utf16le') },
]);

test('NTLMv2 as MS-NLMP 4.2.4 computes it', () => {
  const key = passwordKey('Password', identity);
  expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
  const blob = responseBlob(0n, clientChallenge, targetInfo);
  expect(blob.toString('hex')).toBe(
    '01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c00530065007200760065007200' +
      '0000000000000000',
  );
  const response = ntResponse(key, serverChallenge, blob);
  expect(response.subarray(0, 16).toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
  expect(lmResponse(key, serverChallenge, clientChallenge).toString('hex')).toBe(
    '86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa',
  );
  expect(sessionKey(key, response).toString('hex')).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
});

/** A challenge as MS-NLMP 2.2.1.2 lays it out. */
function challengeMessage(info: Buffer): Buffer {
  const head = Buffer.alloc(56);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(0x00_88_82_01, 20);
  serverChallenge.copy(head, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56, 44);
  return Buffer.concat([head, info]);
}

const place = { target: 'mail.example.test', binding: Buffer.alloc(16, 7) };
const fresh = { clientChallenge, time: 42n };

test('the answer carries the binding, the target and an integrity code over all three messages', () => {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64LE(99n);
  const challenge = readChallenge(challengeMessage(writeAvPairs([{ id: avId.timestamp, value: timestamp }])));
  if (challenge === null) throw new Error('The challenge was not understood');
  const credentials = { userName: String.raw`Domain\User`, password: 'Password' };
  const message = authenticateMessage(challenge, credentials, place, fresh);
  expect(readField(message, 28).toString('utf16le')).toBe('Domain');
  expect(readField(message, 36).toString('utf16le')).toBe('User');
  // With a time of the server's the LM response is nothing (3.1.5.1.2).
  expect(readField(message, 12)).toEqual(Buffer.alloc(24));
  const response = readField(message, 20);
  expect(response.readBigUInt64LE(24)).toBe(99n);
  const pairs = readAvPairs(response.subarray(44)) ?? [];
  expect(pairs.find(({ id }) => id === avId.channelBindings)?.value).toEqual(place.binding);
  expect(pairs.find(({ id }) => id === avId.flags)?.value.readUInt32LE()).toBe(2);
  expect(pairs.find(({ id }) => id === avId.targetName)?.value.toString('utf16le')).toBe(
    'HTTP/mail.example.test',
  );
  const blank = Buffer.from(message);
  blank.fill(0, 72, 88);
  const key = sessionKey(passwordKey('Password', identity), response);
  expect(hmacMd5(key, Buffer.concat([negotiateMessage(), challenge.message, blank]))).toEqual(
    message.subarray(72, 88),
  );
});

test.each([
  ['user@example.test', '', 'user@example.test'],
  [String.raw`CORP\user`, 'CORP', 'user'],
  ['user', '', 'user'],
])('the name %s', (name, domain, userName) => {
  expect(ntlmIdentity(name)).toEqual({ domain, userName });
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['the first message sent back', negotiateMessage()],
  ['a target information that does not end', challengeMessage(Buffer.from([2, 0, 4, 0, 65, 0]))],
  ['flags of the wrong length', challengeMessage(Buffer.from([6, 0, 1, 0, 9, 0, 0, 0, 0]))],
])('%s is no challenge', (_what, message) => {
  expect(readChallenge(message)).toBeNull();
});

test('the channel binding is made of the hash of the certificate', async () => {
  const { cert } = await makeCertificate({ names: ['mail.example.test'] });
  const certificate = new X509Certificate(cert);
  expect(certificate.signatureAlgorithm).toMatch(/sha256/i);
  expect(channelBinding(certificate)).toHaveLength(16);
});
