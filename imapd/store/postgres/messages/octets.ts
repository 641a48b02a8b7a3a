/**
 * Octets on their way from PostgreSQL. `pg` speaks text only, and `bytea` as text is hexadecimal: twice the size, and five
 * times the processor time here (38 against 7 µs for 20 KiB). So octets without NUL, nearly all mail, travel as LATIN1
 * text, which gives each of them back as it is; only those with NUL, which no text may hold, go as `bytea`.
 */
export const octetsAsText = (data: string, nul: string): string =>
  `CASE WHEN ${nul} THEN NULL ELSE convert_from(${data}, 'LATIN1') END`;

/** The other half of `octetsAsText`. */
export const octetsAsBytea = (data: string, nul: string): string => `CASE WHEN ${nul} THEN ${data} END`;

/** Whichever of the two came; null where neither did. */
export function octets(text: string | null, bytea: Buffer | null): Buffer | null {
  return text === null ? bytea : Buffer.from(text, 'latin1');
}
