/**
 * Lists of names in one column (BLOB), which PostgreSQL has as `text[]`. Keywords and special uses are atoms of IMAP, so a space
 * parts them; groups may have spaces in them, but no comma (contract/users-api.ts).
 */
export const wordsText = (words: readonly string[]): string => words.join(' ');
export const groupsText = (groups: readonly string[]): string => groups.join(',');

export const wordsOf = (octets: Buffer | string): string[] => split(octets, ' ');
export const groupsOf = (octets: Buffer | string): string[] => split(octets, ',');

function split(octets: Buffer | string, by: string): string[] {
  const text = octets.toString();
  return text === '' ? [] : text.split(by);
}
