import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createKeyring } from '#lib/secrets/keyring.ts';

const first = `first:${randomBytes(32).toString('base64')}`;
const second = `second:${randomBytes(32).toString('base64')}`;

describe('a keyring', () => {
  test('opens what it sealed, under the same binding only', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('geheim: ü 漢', 'organization/project/password');
    expect(keyring.open(sealed, 'organization/project/password')).toBe('geheim: ü 漢');
    expect(() => keyring.open(sealed, 'organization/other/password')).toThrow();
    expect(() => keyring.open(sealed, 'organization/project/proxy_password')).toThrow();
  });

  test('seals the same secret differently each time, and never in clear', () => {
    const keyring = createKeyring(first);
    const one = keyring.seal('secret', 'b');
    expect(one.sealed.equals(keyring.seal('secret', 'b').sealed)).toBe(false);
    expect(one.sealed.includes('secret')).toBe(false);
  });

  test('seals with its first key and opens with any: keys can be changed', () => {
    const old = createKeyring(first).seal('secret', 'b');
    const changed = createKeyring(`${second},${first}`);
    expect(changed.sealingKeyId).toBe('second');
    expect(changed.open(old, 'b')).toBe('secret');
    expect(changed.seal('new', 'b').keyId).toBe('second');
  });

  test('knows by the last key of the list, so that a new one is first opened everywhere and seals later', () => {
    const tag = createKeyring(first).tag('x');
    const opensBoth = createKeyring(`${first},${second},${first}`);
    expect(opensBoth.sealingKeyId).toBe('first');
    expect(opensBoth.open(createKeyring(second).seal('secret', 'b'), 'b')).toBe('secret');
    expect(opensBoth.tag('x')).toEqual(tag);
    expect(createKeyring(`${second},${first}`).tag('x')).toEqual(tag);
    expect(createKeyring(second).tag('x')).not.toEqual(tag);
  });

  test('fails closed when the key is gone or a bit was changed', () => {
    const sealed = createKeyring(first).seal('secret', 'b');
    expect(() => createKeyring(second).open(sealed, 'b')).toThrow(/not in the keyring/);
    for (const at of [0, 12, sealed.sealed.length - 1]) {
      const changed = Buffer.from(sealed.sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => createKeyring(first).open({ ...sealed, sealed: changed }, 'b')).toThrow();
    }
  });

  test.each(['', 'first', 'first:short', 'FIRST:' + randomBytes(32).toString('base64')])(
    'refuses the specification %j',
    (specification) => {
      expect(() => createKeyring(specification)).toThrow(TypeError);
    },
  );
});
