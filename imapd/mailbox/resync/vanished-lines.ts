import type { IdSet } from '../../protocol/sets/id-set.ts';

/** Octets of UIDs in one line: clients bound what they read at once (RFC 7162, 4, of what they send). */
const LONGEST = 8000;

/**
 * VANISHED responses with their line ends, as many as it takes; none for no UIDs (RFC 7162, 3.2.10). `earlier`: of what
 * the client asked by QRESYNC or VANISHED, which moves no message number.
 */
export function* vanishedLines(uids: IdSet, earlier: boolean): Generator<string> {
  const head = earlier ? '* VANISHED (EARLIER) ' : '* VANISHED ';
  let text = '';
  for (const [first, last] of uids.ranges()) {
    const range = first === last ? String(first) : `${first}:${last}`;
    if (text.length + range.length >= LONGEST) {
      yield `${head}${text}\r\n`;
      text = '';
    }
    text += text === '' ? range : `,${range}`;
  }
  if (text !== '') yield `${head}${text}\r\n`;
}
