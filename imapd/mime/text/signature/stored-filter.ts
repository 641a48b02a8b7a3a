import { crc32 } from 'node:zlib';
import type { TrigramFilter } from './trigram-filter.ts';

/**
 * How texts are found, decoded, folded and scattered. To be raised with any change of what SEARCH takes for the text of a message: a
 * filter of other rules could deny what is there. A test holds it against the filters of known messages.
 */
const RULES = 1;

/** What Unicode says of a character that it has just got (which is its small letter, what it is composed of) is another rule, too. */
const [major = 0, minor = 0] = (process.versions.unicode ?? '').split('.').map(Number);

/** Of two programs the older one has the smaller number. */
export const OWN_RULES = RULES * 1_000_000 + major * 1_000 + minor;

/** Octets before the filter: rules, and a checksum of both, for a bit that got lost would deny what is there. */
const HEAD = 8;

/** A filter as it is stored. */
export function storedFilter(filter: TrigramFilter, rules = OWN_RULES): Buffer {
  const stored = Buffer.alloc(HEAD + filter.length);
  stored.writeUInt32BE(rules, 0);
  stored.writeUInt32BE(crc32(filter, rules), 4);
  stored.set(filter, HEAD);
  return stored;
}

/**
 * The filter that was stored, 'newer' where a newer program has made it and this one cannot tell what it says, null where there is none:
 * one of older rules is as good as none, and so is a damaged one.
 */
export function filterOf(stored: Buffer | undefined): TrigramFilter | 'newer' | null {
  if (stored === undefined || stored.length < HEAD) return null;
  const rules = stored.readUInt32BE(0);
  if (rules !== OWN_RULES) return rules > OWN_RULES ? 'newer' : null;
  const filter = stored.subarray(HEAD);
  // Folded again and again its length is a power of two, or it is empty.
  const isFilter = (filter.length & (filter.length - 1)) === 0 && crc32(filter, rules) === stored.readUInt32BE(4);
  return isFilter ? filter : null;
}
