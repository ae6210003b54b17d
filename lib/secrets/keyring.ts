import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** A secret as it lies in the database: which key sealed it, and nonce, tag and ciphertext in one. */
export interface SealedSecret {
  readonly keyId: string;
  readonly sealed: Buffer;
}

/** Seals with its first key and opens with any. The binding (organization, project, purpose) is authenticated. */
export interface Keyring {
  readonly sealingKeyId: string;
  seal(plain: string, binding: string): SealedSecret;
  /** Throws when the key is gone, the bytes were changed or the binding is another: a failed open fails closed. */
  open(secret: SealedSecret, binding: string): string;
  /**
   * 32 bytes that are the same for the same text and tell nothing of it. By the last key of the list, which stays while
   * keys are rotated; they change when it is taken off.
   */
  tag(text: string): Buffer;
}

const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/** Reads "id:base64,id:base64": the first key seals, all of them open. Each key is 32 bytes; one may be named twice. */
export function createKeyring(specification: string): Keyring {
  const keys = new Map<string, Buffer>();
  let lastKey: Buffer | null = null;
  for (const part of specification.split(',').map((text) => text.trim())) {
    const [id, encoded] = part.split(':');
    const key = Buffer.from(encoded ?? '', 'base64');
    if (id === undefined || !/^[a-z0-9-]{1,32}$/.test(id) || key.length !== keyBytes) {
      throw new TypeError('A keyring is a list of id:key, each key 32 bytes in base64');
    }
    keys.set(id, key);
    lastKey = key;
  }
  const first = keys.entries().next().value;
  if (first === undefined) throw new TypeError('A keyring needs at least one key');
  const [sealingKeyId, sealingKey] = first;
  const tagKey = Buffer.from(hkdfSync('sha256', lastKey ?? sealingKey, '', 'mailroom tags', keyBytes));
  return {
    sealingKeyId,
    seal: (plain, binding) => ({ keyId: sealingKeyId, sealed: encrypt(sealingKey, plain, binding) }),
    open: ({ keyId, sealed }, binding) => {
      const key = keys.get(keyId);
      if (key === undefined)
        throw new Error(`The key ${keyId} that sealed this secret is not in the keyring`);
      return decrypt(key, sealed, binding);
    },
    tag: (text) => createHmac('sha256', tagKey).update(text).digest(),
  };
}

function encrypt(key: Buffer, plain: string, binding: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(binding));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, sealed: Buffer, binding: string): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(binding));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
    'utf8',
  );
}
