import { isIP } from 'node:net';

/** What stands in front of a connection that a load balancer hands on (the PROXY protocol, versions 1 and 2). */
export type ProxyHeader =
  /** More octets are needed to tell. */
  | { readonly kind: 'incomplete' }
  /** `octets`: its length. `address` null: the balancer speaks for itself (a health check), or does not know. */
  | { readonly kind: 'header'; readonly octets: number; readonly address: string | null }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Version 1 (2.1): a line of at most 107 octets, CRLF and all. */
const LONGEST_LINE = 107;
const V1 = Buffer.from('PROXY ');
/** Version 2 (2.2). */
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED = 16;
/** Addresses and what follows them (TLVs), which are passed over: those that balancers send have some hundred octets. */
const LONGEST_REST = 4096;
const ADDRESSES = { inet: 12, inet6: 36 } as const;

/** Reads the header at the beginning of what a connection has brought. Pure; never looks behind the header's end. */
export function readProxyHeader(octets: Buffer): ProxyHeader {
  if (begins(octets, V1)) return octets.length < V1.length ? { kind: 'incomplete' } : readLine(octets);
  if (begins(octets, V2)) return octets.length < FIXED ? { kind: 'incomplete' } : readBinary(octets);
  return invalid('it does not begin with a PROXY header');
}

const invalid = (reason: string): ProxyHeader => ({ kind: 'invalid', reason });

/** As far as either goes. */
function begins(octets: Buffer, sign: Buffer): boolean {
  const length = Math.min(octets.length, sign.length);
  return octets.subarray(0, length).equals(sign.subarray(0, length));
}

const PORT = '(?:0|[1-9]\\d{0,4})';
const LINE = new RegExp(
  `^PROXY (?:(?<family>TCP[46]) (?<source>[\\d.:A-Fa-f]+) (?<target>[\\d.:A-Fa-f]+) ${PORT} ${PORT}|UNKNOWN(?: .*)?)$`,
);

function readLine(octets: Buffer): ProxyHeader {
  const end = octets.subarray(0, LONGEST_LINE).indexOf('\r\n');
  if (end < 0) return octets.length < LONGEST_LINE ? { kind: 'incomplete' } : invalid('its line is too long');
  const found = LINE.exec(octets.toString('latin1', 0, end));
  if (found === null) return invalid('its line cannot be read');
  const header = { kind: 'header', octets: end + 2 } as const;
  const { family, source = '', target = '' } = found.groups ?? {};
  if (family === undefined) return { ...header, address: null };
  const version = family === 'TCP4' ? 4 : 6;
  if (isIP(source) !== version || isIP(target) !== version) return invalid('its addresses cannot be read');
  return { ...header, address: canonical(source) };
}

function readBinary(octets: Buffer): ProxyHeader {
  const [version, command] = [(octets[12] ?? 0) >> 4, (octets[12] ?? 0) & 0xf];
  const [family, rest] = [octets[13] ?? 0, octets.readUInt16BE(14)];
  if (version !== 2 || command > 1) return invalid('its version or command is unknown');
  if (rest > LONGEST_REST) return invalid(`it is longer than ${FIXED + LONGEST_REST} octets`);
  if (octets.length < FIXED + rest) return { kind: 'incomplete' };
  const header = { kind: 'header', octets: FIXED + rest } as const;
  // LOCAL, whatever addresses it brings; or of no kind that TCP over IP has (2.2: the real ones are to be used).
  if (command === 0 || (family !== 0x11 && family !== 0x21)) return { ...header, address: null };
  const needed = family === 0x11 ? ADDRESSES.inet : ADDRESSES.inet6;
  if (rest < needed) return invalid('it is too short for its addresses');
  return { ...header, address: addressIn(octets.subarray(FIXED), family === 0x11 ? 4 : 16) };
}

function addressIn(octets: Buffer, length: 4 | 16): string {
  if (length === 4) return [...octets.subarray(0, length)].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(2 * index).toString(16));
  return canonical(groups.join(':'));
}

/** One spelling for one address, as the kernel writes it: failures are counted by it. */
function canonical(address: string): string {
  if (isIP(address) === 4) return address;
  const { hostname } = new URL(`http://[${address}]`);
  const short = hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  const mapped = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return mapped.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}
