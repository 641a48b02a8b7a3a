import { isUtf8 } from 'node:buffer';
import { decodeQuotedPrintable } from '../transfer-encoding/quoted-printable.ts';
import { decodeCharset } from './charset.ts';

/** RFC 2047, 2; RFC 2231, 5 adds `*language` to the charset. */
const WORD = /=\?([^?*\s]{1,64})(?:\*[^?\s]*)?\?([bq])\?([^?\s]*)\?=/gi;
/** Blanks between two encoded words are not shown (RFC 2047, 6.2). */
const BETWEEN = /(=\?[^?\s]+\?[bq]\?[^?\s]*\?=)\s+(?==\?[^?\s]+\?[bq]\?[^?\s]*\?=)/gi;

/**
 * A header value (latin1, unfolded) as people read it. Never fails: an encoded word in an unknown charset stays as it is; raw 8-bit
 * octets are UTF-8 where they can be, windows-1252 otherwise.
 */
export function decodeHeaderText(value: string): string {
  if (!value.includes('=?')) return decodeRaw(value);
  const joined = value.replace(BETWEEN, '$1');
  let text = '';
  let from = 0;
  for (const run of wordRuns(joined)) {
    text += decodeRaw(joined.slice(from, run.from));
    text += decodeCharset(Buffer.concat(run.octets), run.charset) ?? joined.slice(run.from, run.to);
    from = run.to;
  }
  return text + decodeRaw(joined.slice(from));
}

interface WordRun {
  readonly from: number;
  to: number;
  readonly charset: string;
  readonly octets: Buffer[];
}

/** Encoded words; neighbours in one charset are decoded together, since some programs cut inside of a character. */
function wordRuns(value: string): WordRun[] {
  const runs: WordRun[] = [];
  for (const found of value.matchAll(WORD)) {
    const [word, charset = '', encoding = '', content = ''] = found;
    const octets = encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : decodeQ(content);
    const previous = runs.at(-1);
    if (previous?.to === found.index && previous.charset === charset) {
      previous.octets.push(octets);
      previous.to += word.length;
    } else {
      runs.push({ from: found.index, to: found.index + word.length, charset, octets: [octets] });
    }
  }
  return runs;
}

const decodeQ = (content: string): Buffer =>
  decodeQuotedPrintable(Buffer.from(content.replaceAll('_', '=20'), 'latin1'));

function decodeRaw(latin1: string): string {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  const octets = Buffer.from(latin1, 'latin1');
  return isUtf8(octets) ? octets.toString('utf8') : (decodeCharset(octets, 'windows-1252') ?? latin1);
}
