import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createAddressGuard } from '#lib/transports/address-guard.ts';

// Properties take hundreds of runs each, and a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 });

const strict = createAddressGuard([]);

describe('addresses that no user may reach', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '::'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['unique local', 'fd00::1'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local', '169.254.1.1'],
    ['metadata', '169.254.169.254'],
    ['metadata', '168.63.129.16'],
    ['metadata', '100.100.100.200'],
    ['metadata', '192.0.0.192'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['CGNAT', '100.64.0.1'],
    ['CGNAT', '100.127.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['benchmark', '198.18.0.1'],
    ['IPv4-mapped', '::ffff:10.0.0.1'],
    ['IPv4-mapped', '::ffff:7f00:1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::a00:1'],
    ['NAT64', '64:ff9b::169.254.169.254'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['documentation', '2001:db8::1'],
    ['decimal', '2130706433'],
    ['hexadecimal', '0x7f000001'],
    ['octal', '0177.0.0.1'],
    ['short', '127.1'],
    ['no address', 'localhost'],
    ['no address', ''],
  ])('%s: %s', (_kind, address) => {
    expect(strict.allows('mail.example.org', address, 25)).toBe(false);
  });

  test.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'public: %s is allowed',
    (address) => {
      expect(strict.allows('mail.example.org', address, 587)).toBe(true);
    },
  );

  test('every spelling of a private IPv4 address is refused', () => {
    const spellings = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).chain(([b, c, d]) => {
      const number = ((10 << 24) | (b << 16) | (c << 8) | d) >>> 0;
      return fc.constantFrom(
        `10.${b}.${c}.${d}`,
        String(number),
        `0x${number.toString(16)}`,
        `012.${b}.${c}.${d}`,
        `0xa.${b}.${c}.${d}`,
        `10.${(b << 16) | (c << 8) | d}`,
        `::ffff:10.${b}.${c}.${d}`,
        `[::ffff:${(0x0a00 | b).toString(16)}:${((c << 8) | d).toString(16)}]`,
        `64:ff9b::10.${b}.${c}.${d}`,
      );
    });
    fc.assert(
      fc.property(spellings, (address) => {
        expect(strict.allows('x.example.org', address, 25)).toBe(false);
        expect(strict.allowsUnresolved(address, 25)).toBe(false);
      }),
    );
  });
});

describe('names that a proxy would resolve', () => {
  test.each([
    'localhost',
    'a.localhost',
    'printer.local',
    'db',
    'metadata.google.internal',
    'nas.home.arpa',
    'x.lan',
    '',
    'LOCALHOST.',
    'x.test\r\nX: y',
    'x.test/path',
    'x test.org',
  ])('"%s" is refused', (name) => {
    expect(strict.allowsUnresolved(name, 25)).toBe(false);
  });

  test('other names are allowed', () => {
    expect(strict.allowsUnresolved('smtp.office365.com', 587)).toBe(true);
    expect(strict.allowsUnresolved('localhost.example.org', 587)).toBe(true);
  });

  test("a name on the operator's list is allowed", () => {
    const guard = createAddressGuard(['relay.internal:25', 'db']);
    expect(guard.allowsUnresolved('relay.internal', 25)).toBe(true);
    expect(guard.allowsUnresolved('relay.internal', 26)).toBe(false);
    expect(guard.allowsUnresolved('db', 5432)).toBe(true);
  });
});

describe("the operator's list", () => {
  test.each([
    ['10.1.0.0/16', '10.1.2.3', 25, true],
    ['10.1.0.0/16', '10.2.2.3', 25, false],
    ['10.1.0.0/16:25', '10.1.2.3', 25, true],
    ['10.1.0.0/16:25', '10.1.2.3', 26, false],
    ['10.1.2.3', '10.1.2.3', 1, true],
    ['10.1.2.3:2525', '10.1.2.3', 2525, true],
    ['10.1.2.3:2525', '10.1.2.3', 25, false],
    ['::1', '::1', 25, true],
    ['[::1]:2525', '::1', 2525, true],
    ['[::1]:2525', '::1', 25, false],
    ['fd00::/8', 'fd12::5', 25, true],
    ['127.0.0.0/8', '::ffff:127.0.0.1', 25, true],
    ['mail.intern', '10.9.9.9', 25, true],
    ['other.intern', '10.9.9.9', 25, false],
  ])('%s for %s port %i: %s', (entry, address, port, expected) => {
    expect(createAddressGuard([entry]).allows('mail.intern', address, port)).toBe(expected);
  });

  test.each(['', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.1:70000', '10.0.0.1:0'])(
    '"%s" is refused and named',
    (entry) => {
      expect(() => createAddressGuard([entry])).toThrow(RangeError);
    },
  );
});
