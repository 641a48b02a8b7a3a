/** RFC 3454, C.1.2: spaces beyond ASCII. U+200B stands in B.1 too; a space it is, as for most clients. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454, B.1: what is mapped to nothing (soft hyphen, joiners, variation selectors, byte order mark). */
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;

/**
 * SASLprep (RFC 4013) as far as it changes text: mapping and normalisation. What it prohibits is not looked for: a client
 * that keeps to it never sends such text, and a password that no client can send opens nothing.
 */
export const saslPrep = (text: string): string => text.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC');
