import { selectFields } from './select-fields.ts';
import { decodeHeaderText } from './text/encoded-words.ts';

/**
 * Values of one field of a header as people read them, for SEARCH HEADER, FROM, SUBJECT …: unfolded, encoded words
 * decoded, one entry per occurrence. Compare after `foldText`.
 */
export function headerValues(header: Buffer, name: string): readonly string[] {
  return selectFields(header, [name], false)
    .toString('latin1')
    .replace(/\r?\n(?=[ \t])/g, '')
    .split(/\r?\n/)
    .filter((line) => line.includes(':'))
    .map((line) => decodeHeaderText(line.slice(line.indexOf(':') + 1).trim()));
}
