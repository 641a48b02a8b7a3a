/** How the names of entries begin that only their reader sees, and of those that everybody sees (RFC 5464, 4.1). */
export const PRIVATE = '/private';
export const SHARED = '/shared';

/** How an entry is stored: whose it is, '' for everybody's, and its name without the beginning. */
export const placeOf = (entry: string, reader: string): { readonly reader: string; readonly entry: string } =>
  entry.startsWith(`${PRIVATE}/`)
    ? { reader, entry: entry.slice(PRIVATE.length) }
    : { reader: '', entry: entry.slice(SHARED.length) };
