import fc from 'fast-check';
import { anyCommand } from '../protocol/test-support/arbitrary-command.ts';
import { encodeCommand } from '../protocol/test-support/encode-command.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** As many as show every production of every command; mutations do the rest. */
const VALID = 4000;
const CRLF = Buffer.from('\r\n');
const MOST_COMMANDS = 4;
const LONGEST_NOISE = 200;

/** Joints of the grammar of RFC 9051, 9, and numbers at the bounds. */
const WORDS: readonly Buffer[] = [
  ...['(', ')', '[', ']', '<', '>', '"', '\\', '*', '%', '$', ':', ',', '.', '+', '-', '~', '=', '&', '&-', ' ', '\0'],
  ...['\r', '\n', '\r\n', '\t', '\x7f', '\xff', '\xc3\xbc', '\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80'],
  ...[
    '{0}\r\n',
    '{1}\r\nx',
    '{3+}\r\nabc',
    '~{2+}\r\n\0\0',
    '{99999999999999999999}\r\n',
    '{4294967296+}\r\n',
    '{-1}\r\n',
  ],
  ...[
    '{65537+}\r\n',
    '{5}',
    '{+}\r\n',
    '~{0+}\r\n',
    '""',
    '"\\""',
    '"\\',
    'NIL',
    'nil',
    'INBOX',
    'inbox',
    '()',
    '(())',
  ],
  ...[
    '0',
    '1',
    '01',
    '4294967295',
    '4294967296',
    '9223372036854775807',
    '9223372036854775808',
    '1:*',
    '*:1',
    '1,2,3',
    '$,1',
  ],
  ...['UID', 'uid fetch', 'FETCH', 'SEARCH', 'STORE', 'APPEND', 'NOOP', 'DONE', 'RETURN', 'CHARSET', 'UTF-8', 'UTF-7'],
  ...['BODY[', 'BODY.PEEK[]', 'BINARY.PEEK[1]<0.1>', 'HEADER.FIELDS (', 'HEADER.FIELDS.NOT', 'MIME]', 'RFC822', 'ALL'],
  ...['NOT', 'OR', 'NOT NOT', '(OR ', 'UNKEYWORD', 'MODSEQ', '(UNCHANGEDSINCE 1)', '(CHANGEDSINCE 0)', '(QRESYNC (1 1'],
  ...[
    'FLAGS.SILENT',
    '+FLAGS',
    '\\Seen',
    '\\Recent',
    '\\*',
    '\\',
    '$Junk',
    '&Jjo-',
    '&Jjo',
    '&AAA-',
    '(SAVE)',
    'PARTIAL',
    'FUZZY ',
    'RELEVANCY',
    'ENABLE UIDONLY',
    'NOTIFY SET STATUS',
    '(SELECTED (MessageNew (UID) MessageExpunge))',
    '(SUBTREE INBOX (MailboxName))',
    'CANCELUPDATE "a1"',
    '(UPDATE CONTEXT)',
    'UTF8 (~{3+}\r\n\xc3\xa4x',
    'UTF8=ACCEPT',
    'ESEARCH IN (',
    'subtree-one (a b)',
    'personal selected',
    'UIDAFTER 4294967295',
    'UIDBEFORE 1',
    ' CATENATE (',
    'URL "/INBOX/;UID=1"',
    'URL ',
    'TEXT {3+}\r\nabc',
  ],
].map((word) => Buffer.from(word, 'latin1'));

/** Makes what a client might send, most of it nearly right. Which `seed` made the valid commands decides them all. */
export function commandInput(seed: number): (random: Random) => Buffer {
  const valid = fc
    .sample(anyCommand, { numRuns: VALID, seed })
    .map((command, at) => encodeCommand(`a${at % 100}`, command));
  const line = (random: Random): Buffer => {
    if (random.once(12)) return random.octets(random.below(LONGEST_NOISE));
    const command = random.pick(valid);
    return random.once(10) ? command : mutate(command, random, WORDS);
  };
  return (random) => {
    if (!random.once(4)) return Buffer.concat([line(random), CRLF]);
    const lines = Array.from({ length: 1 + random.below(MOST_COMMANDS) }, () => [line(random), CRLF]);
    return Buffer.concat(lines.flat());
  };
}
