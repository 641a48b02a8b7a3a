import { createHash } from 'node:crypto';
import type { Digest } from './mail-store.ts';

const sha256 = (octets: Buffer | string): string => createHash('sha256').update(octets).digest('hex').slice(0, 24);

/** Every octet counts. */
export const exactDigest: Digest = (raw) => sha256(raw);

/** Fields that programs write into mail that they deliver or store: mbsync, offlineimap, fetchmail and getmail, neomutt. */
const ADDED =
  /^(?:x-tuid|x-offlineimap|received|delivered-to|return-path|x-getmail-[\w-]+|content-length|lines|status):/i;

/** Of a Maildir or an mbox: line ends are those of the machine, and some programs add fields. */
export const deliveredDigest: Digest = (raw) => {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  // A field goes on in lines that begin with white space (RFC 5322 2.2.3).
  const fields = text.slice(0, end).split(/\n(?![ \t])/);
  const kept = fields.filter((field) => !ADDED.test(field)).join('\n');
  return sha256(Buffer.from(kept + text.slice(end).trimEnd(), 'latin1'));
};
