import { describe, expect, test } from 'vitest';
import type { Response } from './parse-response.ts';
import { ResponseStream } from './response-stream.ts';

type Seen = { readonly responses: readonly Response[]; readonly violations: readonly string[] };

function seen(octets: Buffer | string, step = Number.POSITIVE_INFINITY): Seen {
  const responses: Response[] = [];
  const violations: string[] = [];
  const stream = new ResponseStream({
    onResponse: (response) => responses.push(response),
    onViolation: ({ message }) => violations.push(message),
  });
  const bytes = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets;
  for (let at = 0; at < bytes.length; at += step) stream.push(bytes.subarray(at, at + step));
  return { responses, violations };
}

const REV2 = '* ENABLED IMAP4rev2\r\n';
const QRESYNC = '* ENABLED QRESYNC CONDSTORE\r\n';
const ENVELOPE =
  '("Wed, 17 Jul 1996" "x" (("T" NIL "t" "a")) (("T" NIL "t" "a")) (("T" NIL "t" "a")) NIL NIL NIL NIL "<m>")';
const PLAIN = '"TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92';

/** Mostly the examples of the documents. */
const ALLOWED: Readonly<Record<string, string>> = {
  greeting: '* OK [CAPABILITY STARTTLS AUTH=SCRAM-SHA-256 LOGINDISABLED IMAP4rev2] IMAP4rev2 Service Ready',
  continuation: '+ idling',
  'an empty challenge': '+ ',
  'a challenge': '+ cj1yT3ByTkdmd0ViZVJXZ2JORWtxTw==',
  'a refusal without a tag': '* BAD Expected a tag',
  'braces in text': 'a1 NO Literal of {12}',
  'LIST with children': '* LIST (\\HasChildren) "/" "foo bar" ("CHILDINFO" ("SUBSCRIBED"))',
  'LIST without separator': '* LIST () NIL INBOX',
  'an ampersand before such a run': '* LIST () "/" &-&2AjdrBfW-',
  'a name in modified UTF-7': '* LIST (\\Noselect) "/" ~peter/mail/&U,BTFw-/&ZeVnLIqe-',
  'an old name': '* LIST () "/" INBOX (OLDNAME ("inbox"))',
  'the root of all names': '* LIST (\\Noselect) "/" ""',
  STATUS: '* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 HIGHESTMODSEQ 0 APPENDLIMIT NIL MAILBOXID (F2-1))',
  SEARCH: '* SEARCH 2 5 6 (MODSEQ 917162500)',
  'SEARCH that found nothing': '* SEARCH',
  ESEARCH: '* ESEARCH (TAG "a567") UID COUNT 17 ALL 4:18,21,28',
  'ESEARCH with a part': '* ESEARCH (TAG "A01") UID PARTIAL (-1:-100 NIL)',
  THREAD: '* THREAD (2)(3 6 (4 23)(44 7 96))((1)(5 8))',
  NAMESPACE: '* NAMESPACE (("" "/")("#mhinbox" NIL)) NIL NIL',
  QUOTA: '* QUOTA "" (STORAGE 10 512 MESSAGE 0 9)',
  QUOTAROOT: '* QUOTAROOT INBOX "" #user/alice',
  'STATUS of what is marked as deleted': '* STATUS INBOX (DELETED 4 DELETED-STORAGE 8)',
  ID: '* ID ("name" "Cyrus" "version" NIL)',
  FLAGS: '* FLAGS (\\Answered \\Seen $Forwarded)',
  PERMANENTFLAGS: '* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited',
  COPYUID: 'A003 OK [COPYUID 38505 304,319:320 3956:3958] Done',
  APPENDUID: 'A003 OK [APPENDUID 38505 3955:3957] APPEND completed',
  INPROGRESS: '* OK [INPROGRESS ("A001" 454 1000)] Processed 45%',
  FETCH: '* 23 FETCH (FLAGS (\\Seen \\Recent) RFC822.SIZE 44827 UID 447 MODSEQ (12121231000))',
  INTERNALDATE: '* 1 FETCH (INTERNALDATE " 7-Jul-1996 02:44:25 -0700" SAVEDATE NIL)',
  ENVELOPE: `* 12 FETCH (ENVELOPE ${ENVELOPE})`,
  'a group': `* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL "A Group" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)) NIL NIL NIL NIL))`,
  BODY: `* 1 FETCH (BODY ((${PLAIN})("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 ${ENVELOPE} (${PLAIN}) 5) "MIXED"))`,
  BODYSTRUCTURE: `* 1 FETCH (BODYSTRUCTURE ((${PLAIN} NIL ("inline" ("a" "b")) ("en" "de") NIL) "MIXED" ("b" "x") NIL NIL NIL))`,
  'content in a literal': '* 1 FETCH (BODY[1.HEADER.FIELDS (DATE "From")]<3> {5}\r\na\r\nb\xff UID 4)',
  'binary content': '* 1 FETCH (BINARY[1.2]<0> ~{3}\r\n\0\r\n BINARY.SIZE[] 17)',
  PREVIEW: '* 1 FETCH (PREVIEW {4}\r\na\xc3\xbcb EMAILID (M6d99ac) THREADID NIL)',
};

test.each(Object.entries(ALLOWED))('allows %s, however it is cut', (_, response) => {
  const whole = seen(`${response}\r\n`);
  expect(whole.violations).toEqual([]);
  expect(whole.responses).toHaveLength(1);
  expect(seen(`${response}\r\n`, 1)).toEqual(whole);
});

/** What is wrong, and by which rule it is found. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['* OK', /response that is defined|OK/],
  ['* OK ', /text/],
  ['a OK \xfc', /7-bit text/],
  ['* OK [MADEUP] x', /defined/],
  ['* OK [UIDNEXT 0] x', /nz-number/],
  ['* OK [UIDNEXT 4294967296] x', /below/],
  ['* OK [COPYUID 1 1:3 4] x', /UIDs of copies/],
  ['* OK [READ-ONLY]', /\] /],
  ['a BYE x', /no tag/],
  ['* CAPABILITY IDLE', /IMAP4rev1 or/],
  ['* CAPABILITY IMAP4rev1 IDLE Idle', /once/],
  ['* LIST (\\HasChildren \\HasNoChildren) "/" a', /contradict/],
  ['* LIST () "/" a b', /"\("/],
  ['* LIST () "/" "&Jjo!"', /modified UTF-7/],
  ['* LIST () "/" "&U,BTFw-&ZeVnLIqe-"', /modified UTF-7/],
  ['* LIST () "/" "a\xfc"', /7-bit/],
  ['* LIST (\\Made-Up) "/" a', /known attribute/],
  ['* LIST () "//" a', /one character/],
  ['* LSUB () "/" a ("OLDNAME" ("b"))', /\\r\\n/],
  ['* STATUS a (MESSAGES 1 MESSAGES 2)', /once/],
  ['* STATUS a (WEIGHT 1)', /known status item/],
  ['* QUOTA "" (STORAGE 10)', /" "/],
  ['* QUOTA "" (STORAGE 1 2 STORAGE 1 2)', /once/],
  ['* SEARCH  1', /nz-number/],
  ['* SEARCH (MODSEQ 4)', /nothing was found/],
  ['* ESEARCH (TAG "a") COUNT 0 MIN 1', /nothing told/],
  ['* ESEARCH (TAG "a") ALL 1:*', /nz-number/],
  ['* THREAD (1 (2))', /two branches/],
  ['* THREAD (1)(1)', /one thread/],
  ['* 0 FETCH (UID 1)', /message number/],
  ['* 1 FETCH ()', /FETCH item/],
  ['* 1 FETCH (UID 1 UID 2)', /once/],
  ['* 1 FETCH (FLAGS (\\Seen \\seen))', /each flag once/],
  ['* 1 FETCH (FLAGS (\\Made))', /known flag/],
  ['* 1 FETCH (FLAGS (Grün))', /"\)|\) expected|" "/],
  ['* 1 FETCH (INTERNALDATE "7-Jul-1996 02:44:25 -0700")', /date-time/],
  ['* 1 FETCH (MODSEQ (0))', /mod-sequence/],
  ['* 1 FETCH (MODSEQ 4)', /"\("/],
  [`* 1 FETCH (BODY (${PLAIN} NIL))`, /"\)"/],
  [`* 1 FETCH (BODYSTRUCTURE (${PLAIN} NIL NIL NIL NIL NIL))`, /"\)"/],
  ['* 1 FETCH (BODY ("TEXT" "PLAIN" () NIL NIL "7BIT" 1 1))', /quoted/],
  ['* 1 FETCH (BODYSTRUCTURE ("MIXED"))', /" "/],
  ['* 1 FETCH (ENVELOPE (NIL NIL ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL NIL NIL))', /in place of NIL/],
  ['* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL () NIL NIL NIL NIL))', /"\("/],
  ['* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL ((NIL NIL "g" NIL)) NIL NIL NIL NIL))', /end of a group/],
  ['* 1 FETCH (BODY[] "a\x00b")', /NUL/],
  ['* 1 FETCH (BODY[] {3}\r\na\0b)', /without NUL/],
  ['* 1 FETCH (BODY[] "a\xffb")', /7-bit quoted/],
  ['* 1 FETCH (BODY[] {3}\r\nab', /./],
  [`* 1 FETCH (BODY[] "${'a'.repeat(1025)}")`, /a literal for/],
  ['* 1 FETCH (PREVIEW {2}\r\n\xff\xfe)', /UTF-8/],
  ['* 1 EXISTS\n', /bare CR or LF/],
  ['* 1 \rEXISTS', /bare CR or LF/],
  ['* VANISHED 1', /neither QRESYNC nor UIDONLY is enabled/],
  ['* BYE x\r\n* 1 EXISTS', /behind BYE/],
];

test.each(REFUSED)('refuses %j', (response, why) => {
  const { violations } = seen(`${response}\r\n* NO literal is open any more\r\n`);
  expect(violations).toEqual([expect.stringMatching(why)]);
});

describe('what a client has enabled', () => {
  test.each(['* 1 RECENT', '* SEARCH 1', '* 1 FETCH (UID 1 FLAGS (\\Recent))', '* OK [UNSEEN 1] x'])(
    'IMAP4rev2 knows no %s',
    (response) => {
      expect(seen(`${response}\r\n`).violations).toEqual([]);
      expect(seen(`${REV2}${response}\r\n`).violations).toHaveLength(1);
    },
  );

  test('names and texts are UTF-8 in IMAP4rev2, and only there', () => {
    const named = '* LIST () "/" "Gr\xc3\xbcn"\r\n';
    expect(seen(`${REV2}${named}`).violations).toEqual([]);
    expect(seen(named).violations).toHaveLength(1);
    expect(seen(`${REV2}* LIST () "/" "Gr\xfcn"\r\n`).violations).toHaveLength(1);
  });

  test('VANISHED takes the place of EXPUNGE, until nobody is signed in', () => {
    expect(seen(`${QRESYNC}* VANISHED (EARLIER) 1:4,7\r\n`).responses.at(-1)).toEqual({
      kind: 'vanished',
      earlier: true,
      uids: [
        [1, 4],
        [7, 7],
      ],
    });
    expect(seen(`${QRESYNC}* 1 EXPUNGE\r\n`).violations).toHaveLength(1);
    const signedOut = 'u OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Nobody is signed in\r\n';
    expect(seen(`${QRESYNC}${signedOut}* 1 EXPUNGE\r\n`).violations).toEqual([]);
  });
});

test('a large literal goes by without being kept', () => {
  const size = 8 * 1024 * 1024;
  const response = Buffer.concat([
    Buffer.from(`* 1 FETCH (BODY[] {${size}}\r\n`),
    Buffer.alloc(size, 'x'),
    Buffer.from(')\r\n'),
  ]);
  const { responses, violations } = seen(response, 65_536);
  expect(violations).toEqual([]);
  expect(responses).toEqual([{ kind: 'fetch', sequence: 1, items: new Map([['BODY[]', null]]) }]);
});
