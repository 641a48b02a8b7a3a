import { describe, expect, test } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

const SIGN = '0d0a0d0a000d0a515549540a';
/** Version 2: command, family, what follows. */
const v2 = (commandAndFamily: string, rest: string): Buffer => {
  const length = (rest.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`${SIGN}${commandAndFamily}${length}${rest}`, 'hex');
};
const IPV4 = 'c0000201' + 'c6336401' + 'd431' + '03e1'; // 192.0.2.1 → 198.51.100.1
const IPV6 = '20010db8000000000000000000000001' + '20010db8000000000000000000000002' + 'd431' + '03e1';
const MAPPED = '00000000000000000000ffffc0000201' + '00000000000000000000ffffc6336401' + 'd431' + '03e1';
const TLVS = '04000101' + '20000501deadbeef'; // a NOOP, and what a balancer says of TLS

describe.each([
  { name: 'TCP4', header: 'PROXY TCP4 192.0.2.1 198.51.100.1 54321 993\r\n', address: '192.0.2.1' },
  { name: 'TCP6', header: 'PROXY TCP6 2001:DB8:0::1 2001:db8::2 54321 993\r\n', address: '2001:db8::1' },
  { name: 'TCP6 of an IPv4', header: 'PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.1 1 2\r\n', address: '192.0.2.1' },
  { name: 'UNKNOWN', header: 'PROXY UNKNOWN\r\n', address: null },
  { name: 'UNKNOWN with words', header: 'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n', address: null },
  { name: 'v2 over IPv4', header: v2('2111', IPV4), address: '192.0.2.1' },
  { name: 'v2 over IPv6', header: v2('2121', IPV6), address: '2001:db8::1' },
  { name: 'v2 over IPv6 of an IPv4', header: v2('2121', MAPPED), address: '192.0.2.1' },
  { name: 'v2 with TLVs', header: v2('2111', IPV4 + TLVS), address: '192.0.2.1' },
  { name: 'v2 LOCAL', header: v2('2000', ''), address: null },
  { name: 'v2 LOCAL with addresses', header: v2('2011', IPV4), address: null },
  { name: 'v2 of a Unix socket', header: v2('2131', '00'.repeat(216)), address: null },
  { name: 'v2 of UDP', header: v2('2112', IPV4), address: null },
  { name: 'v2 unspecified', header: v2('2100', ''), address: null },
  { name: 'v2 as long as it may be', header: v2('2111', IPV4 + '00'.repeat(4084)), address: '192.0.2.1' },
])('$name', ({ header, address }) => {
  const octets = Buffer.from(header);

  test('is read, and nothing behind it', () => {
    const read = readProxyHeader(Buffer.concat([octets, Buffer.from('a NOOP\r\n')]));
    expect(read).toEqual({ kind: 'header', octets: octets.length, address });
  });

  test('is awaited to its last octet', () => {
    const lengths = octets.length > 300 ? [1, 11, 12, 15, 16, octets.length - 1] : [...octets.keys()].slice(1);
    for (const length of lengths) {
      expect(readProxyHeader(octets.subarray(0, length)), `${length}`).toEqual({ kind: 'incomplete' });
    }
  });
});

test.each([
  ['an IMAP command', 'a NOOP\r\n'],
  ['a TLS handshake', Buffer.from('160301020001', 'hex')],
  ['a line that never ends', `PROXY TCP4 ${'1'.repeat(200)}`],
  ['a line of 108 octets', `PROXY UNKNOWN ${'x'.repeat(92)}\r\n`],
  ['another protocol', 'PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n'],
  ['an address of the other family', 'PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n'],
  ['no address', 'PROXY TCP4 somewhere else 1 2\r\n'],
  ['a name in place of an address', 'PROXY TCP6 [::1]@x ::1 1 2\r\n'],
  ['an address with a zone', 'PROXY TCP6 fe80::1%1 ::1 1 2\r\n'],
  ['a port of six digits', 'PROXY TCP4 192.0.2.1 198.51.100.1 123456 2\r\n'],
  ['a missing port', 'PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n'],
  ['two spaces', 'PROXY  TCP4 192.0.2.1 198.51.100.1 1 2\r\n'],
  ['lower case', 'proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n'],
  ['version 3', v2('3111', IPV4)],
  ['an unknown command', v2('2211', IPV4)],
  ['too few octets for its addresses', v2('2121', IPV4)],
  ['more than it may have', v2('2111', IPV4 + '00'.repeat(4085))],
])('%s is no header', (_, octets) => {
  expect(readProxyHeader(Buffer.from(octets))).toMatchObject({ kind: 'invalid' });
});

test('a length is refused before what it announces has come', () => {
  const announced = Buffer.from(`${SIGN}2111ffff`, 'hex');
  expect(readProxyHeader(announced)).toMatchObject({ kind: 'invalid' });
});
