import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, withLimits } from './limits.ts';
import { parseCommand } from './parse-command.ts';
import { anyCommand } from './test-support/arbitrary-command.ts';
import { encodeCommand } from './test-support/encode-command.ts';
import { command, parse, refusal } from './test-support/parse-text.ts';

describe('examples of RFC 3501, section 6', () => {
  it.each([
    ['a001 LOGIN SMITH SESAME', { name: 'LOGIN', user: 'SMITH', password: 'SESAME' }],
    ['A142 SELECT INBOX', { name: 'SELECT', mailbox: 'INBOX', condstore: false, qresync: null }],
    ['A003 CREATE owatagusiam/', { name: 'CREATE', mailbox: 'owatagusiam', uses: null }],
    ['A684 RENAME foo zap', { name: 'RENAME', from: 'foo', to: 'zap' }],
    ['A102 LIST #news. ""', { name: 'LIST', reference: '#news.', patterns: [''], extended: false }],
    ['A202 LIST ~/Mail/ %', { name: 'LIST', reference: '~/Mail/', patterns: ['%'] }],
    ['A002 LSUB "#news." "comp.mail.*"', { name: 'LSUB', reference: '#news.', pattern: 'comp.mail.*' }],
    ['A042 STATUS blurdybloop (UIDNEXT MESSAGES)', { name: 'STATUS', items: ['UIDNEXT', 'MESSAGES'] }],
    [
      'A003 APPEND saved-messages (\\Seen) {310}',
      {
        mailbox: 'saved-messages',
        steps: [
          { flags: ['\\Seen'], internalDate: null },
          { kind: 'literal', size: 310 },
        ],
      },
    ],
    ['A202 EXPUNGE', { name: 'EXPUNGE', uids: null }],
    ['A283 SEARCH TEXT "string not in mailbox"', { key: { kind: 'text', value: 'string not in mailbox' } }],
    [
      'A999 UID FETCH 4827313:4828442 FLAGS',
      { name: 'FETCH', uid: true, set: '4827313:4828442', items: [{ kind: 'FLAGS' }] },
    ],
    [
      'A003 STORE 2:4 +FLAGS (\\Deleted)',
      { name: 'STORE', set: '2:4', operation: 'add', silent: false, flags: ['\\Deleted'] },
    ],
    ['A003 COPY 2:4 MEETING', { name: 'COPY', uid: false, set: '2:4', mailbox: 'MEETING' }],
  ])('%s', (text, expected) => {
    expect(command(text)).toMatchObject(expected);
  });

  it('SEARCH with several keys', () => {
    expect(command('A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"').key).toEqual({
      kind: 'and',
      keys: [
        { kind: 'flag', flag: '\\Flagged', set: true },
        { kind: 'internalDate', relation: 'since', day: '1994-02-01' },
        { kind: 'not', key: { kind: 'header', field: 'From', value: 'Smith' } },
      ],
    });
  });

  it('SEARCH in a charset', () => {
    expect(command('a SEARCH CHARSET UTF-8 TEXT {6+}\r\n\xd0\xb6\xd0\xb6\xd0\xb6').key.value).toBe('жжж');
    expect(command('a SEARCH CHARSET KOI8-R TEXT {3+}\r\n\xd6\xd6\xd6').key.value).toBe('жжж');
    expect(command('a SEARCH CHARSET KOI8-R TEXT a').unknownCharset).toBe(false);
    for (const charset of ['x-none', 'base64']) {
      expect(command(`a SEARCH CHARSET ${charset} TEXT {3+}\r\n\xd6\xd6\xd6`).unknownCharset).toBe(true);
    }
  });

  it('FETCH of sections', () => {
    const { items } = command(
      'a FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)] BODY.PEEK[4.2.2.1]<0.2048> rfc822.text)',
    );
    expect(items).toEqual([
      { kind: 'FLAGS' },
      {
        kind: 'SECTION',
        label: 'BODY[HEADER.FIELDS (DATE FROM)]',
        section: { part: [], text: { kind: 'HEADER.FIELDS', fields: ['DATE', 'FROM'] } },
        peek: false,
        partial: null,
      },
      {
        kind: 'SECTION',
        label: 'BODY[4.2.2.1]<0>',
        section: { part: [4, 2, 2, 1], text: null },
        peek: true,
        partial: { offset: 0, length: 2048 },
      },
      {
        kind: 'SECTION',
        label: 'RFC822.TEXT',
        section: { part: [], text: { kind: 'TEXT' } },
        peek: false,
        partial: null,
      },
    ]);
  });

  it('FETCH macros', () => {
    const kinds = (macro: string) => command(`a FETCH 1 ${macro}`).items.map(({ kind }: { kind: string }) => kind);
    expect(kinds('fast')).toEqual(['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']);
    expect(kinds('ALL')).toEqual([...kinds('fast'), 'ENVELOPE']);
    expect(kinds('FULL')).toEqual([...kinds('ALL'), 'BODY']);
    expect(refusal('a FETCH 1 (ALL)').text).toContain('Unknown fetch item ALL');
  });

  it('APPEND with a date', () => {
    const [message] = command('a APPEND x " 7-Feb-1994 21:52:25 -0800" {3}').steps;
    expect(message.internalDate).toBe('1994-02-08T05:52:25.000Z');
  });
});

describe('CREATE with special uses (RFC 6154, 6)', () => {
  it.each([
    ['t2 CREATE MySpecial (USE (\\Drafts \\Sent))', 'MySpecial', ['\\Drafts', '\\Sent']],
    ['t3 create a/b/ (use ())', 'a/b', []],
    ['t4 CREATE {1+}\r\na (USE (\\X-Later))', 'a', ['\\X-Later']],
  ])('%s', (text, mailbox, uses) => {
    expect(command(text)).toEqual({ name: 'CREATE', mailbox, uses });
  });

  it.each([
    'a CREATE b (USE)',
    'a CREATE b ()',
    'a CREATE b (USE \\Sent)',
    'a CREATE b (USE (Sent))',
    'a CREATE b (USE (\\))',
    'a CREATE b (SIZE (\\Sent))',
    'a CREATE b (USE (\\Sent) USE (\\Junk))',
    'a CREATE b (USE (\\Sent)',
    `a CREATE b (USE (${'\\Sent '.repeat(17).trim()}))`,
  ])('%s is BAD', (text) => {
    expect(refusal(text)).toMatchObject({ tag: 'a', status: 'BAD', code: null });
  });
});

describe('examples of extensions', () => {
  it.each([
    [
      'a AUTHENTICATE plain AHRlc3QAdGVzdA==',
      { mechanism: 'PLAIN', initialResponse: { data: [...Buffer.from('\0test\0test')] } },
    ],
    ['a AUTHENTICATE EXTERNAL =', { mechanism: 'EXTERNAL', initialResponse: { data: [] } }],
    ['a AUTHENTICATE PLAIN', { mechanism: 'PLAIN', initialResponse: null }],
    [
      'a ID ("name" "sodr" "version" NIL)',
      {
        fields: [
          ['name', 'sodr'],
          ['version', null],
        ],
      },
    ],
    ['a ID NIL', { fields: null }],
    ['t ENABLE condstore X-GOOD-IDEA', { capabilities: ['CONDSTORE', 'X-GOOD-IDEA'] }],
    ['A02 SELECT INBOX (CONDSTORE)', { mailbox: 'INBOX', condstore: true }],
    [
      's100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)',
      { items: [{ kind: 'FLAGS' }, { kind: 'MODSEQ' }], changedSince: 12345 },
    ],
    ['a FETCH 1 FLAGS (CHANGEDSINCE 0)', { changedSince: 0, vanished: false }],
    ['s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)', { changedSince: 12345, vanished: true }],
    ['a UID FETCH 1:* FLAGS (vanished changedsince 7)', { changedSince: 7, vanished: true }],
    [
      'A02 SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))',
      { qresync: { uidValidity: 67890007, modSeq: Number.MAX_SAFE_INTEGER, uids: '41,43:211,214:541', match: null } },
    ],
    ['a EXAMINE x (CONDSTORE qresync (7 9))', { condstore: true, qresync: { uidValidity: 7, modSeq: 9, uids: null } }],
    ['a SELECT x (QRESYNC (7 9 (1,3 2,8)))', { qresync: { uids: null, match: { numbers: '1,3', uids: '2,8' } } }],
    [
      'B04 SELECT INBOX (QRESYNC (67890007 90 1:29997 (5000,7500,9000,9990:9992 15000,22500,27000,29970,29973,29976)))',
      { qresync: { match: { numbers: '5000,7500,9000,9990:9992', uids: '15000,22500,27000,29970,29973,29976' } } },
    ],
    [
      'a103 UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)',
      { set: '6,4,8', unchangedSince: 12121230045, silent: true },
    ],
    ['a SEARCH MODSEQ "/flags/\\\\draft" all 620162338', { key: { kind: 'modseq', atLeast: 620162338 } }],
    ['A301 UID EXPUNGE 3000:3002', { name: 'EXPUNGE', uids: '3000:3002' }],
    ['a UID MOVE 42:69 foo', { name: 'MOVE', uid: true, set: '42:69', mailbox: 'foo' }],
    [
      'a LIST (SUBSCRIBED RECURSIVEMATCH) "" "*"',
      { selection: { subscribed: true, recursiveMatch: true }, returns: { subscribed: true } },
    ],
    [
      'a LIST "" % RETURN (STATUS (MESSAGES UNSEEN) CHILDREN)',
      { returns: { children: true, status: ['MESSAGES', 'UNSEEN'] } },
    ],
    ['a LIST "" ("INBOX" "Drafts")', { patterns: ['INBOX', 'Drafts'], extended: true }],
    ['a LIST () "" *', { extended: true }],
    ['a LIST "" * RETURN ()', { extended: true }],
  ])('%s', (text, expected) => {
    expect(command(text)).toMatchObject(expected);
  });

  it('mod-sequences beyond our own mean the largest', () => {
    expect(command('a FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775807)').changedSince).toBe(Number.MAX_SAFE_INTEGER);
    expect(refusal('a FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)').status).toBe('BAD');
  });

  it('APPEND with the flags of a FETCH: \\Recent is passed over', () => {
    const [message] = command('a APPEND x (\\RECENT \\Seen $Label \\Recent) {3}').steps;
    expect(message.flags).toEqual(['\\Seen', '$Label']);
  });
});

describe('what is forgiven', () => {
  it('blanks at the end', () => {
    expect(command('a NOOP  ').name).toBe('NOOP');
    expect(command('a FETCH 1 (FLAGS)  ').items).toHaveLength(1);
  });

  it('UTF-8 in quoted strings', () => {
    expect(command('a LOGIN "m\xc3\xbcller" x').user).toBe('müller');
  });

  it('flags without parentheses, and twice', () => {
    expect(command('a STORE 1 FLAGS \\seen \\SEEN $Junk $junk').flags).toEqual(['\\Seen', '$Junk']);
  });
});

describe('FETCH of parts without their transfer encoding (RFC 3516)', () => {
  it('names a part, perhaps a range of it', () => {
    expect(command('a FETCH 1 (BINARY[1.2] binary.peek[]<5.10> BINARY.SIZE[3] BINARY[1.2])').items).toEqual([
      { kind: 'BINARY', label: 'BINARY[1.2]', part: [1, 2], peek: false, partial: null },
      { kind: 'BINARY', label: 'BINARY[]<5>', part: [], peek: true, partial: { offset: 5, length: 10 } },
      { kind: 'BINARY.SIZE', label: 'BINARY.SIZE[3]', part: [3] },
    ]);
  });
});

describe('refusals', () => {
  it.each([
    ['', null, 'Expected a tag at the beginning of the command'],
    ['+ OK', null, 'Expected a tag at the beginning of the command'],
    ['a', 'a', 'Expected a space at octet 2, found the end'],
    ['a ', 'a', 'Expected the name of a command at octet 3, found the end'],
    ['a1 FROB', 'a1', 'Unknown command FROB'],
    ['a UID NOOP', 'a', 'Unknown command NOOP'],
    ['a NOOP x', 'a', 'Expected the end of the command at octet 8, found "x"'],
    ['a LOGIN "x', 'a', 'Expected the end of a quoted string at octet 11, found the end'],
    ['a LOGIN x "\\y"', 'a', 'Expected " or \\ behind a backslash at octet 13, found "y"'],
    ['a LOGIN x {5+}\r\nabc', 'a', 'Literal of 5 octets is cut short'],
    ['a FETCH 0 FLAGS', 'a', 'Expected a message number, UID or "*" at octet 9, found "0"'],
    ['a FETCH 4294967296 FLAGS', 'a', 'Expected a message number, UID or "*" at octet 9, found "4"'],
    ['a FETCH 1 ()', 'a', 'Expected something to fetch at octet 13, found the end'],
    ['a FETCH 1 BODY[MIME]', 'a', 'Expected a part number before MIME at octet 20, found "]"'],
    ['a FETCH 1 BODY[1.HEADER.1]', 'a', 'Expected "]" at octet 24, found "."'],
    ['a FETCH 1 BODY[]<0.0>', 'a', 'Expected a length above 0 at octet 20, found "0"'],
    ['a SEARCH ON 31-Jun-2020', 'a', 'Expected a day of the calendar at octet 24, found the end'],
    ['a STORE 1 +FLAGS (\\Recent)', 'a', 'The flag \\Recent cannot be set by a client'],
    ['a LOGIN ~{1}\r\nx y', 'a', 'A binary literal can only be a message'],
    ['a FETCH 1 BINARY', 'a', 'Expected "[" at octet 17, found the end'],
    ['a FETCH 1 BINARY[1.TEXT]', 'a', 'BINARY takes the number of a part, without TEXT'],
    ['a FETCH 1 BINARY.SIZE[1]<0.1>', 'a', 'Expected the end of the command at octet 25, found "<"'],
    ['a FETCH 1 BINARY[1]<0.0>', 'a', 'Expected a length above 0 at octet 23, found "0"'],
    [
      'a LIST (RECURSIVEMATCH) "" *',
      'a',
      'Expected a selection option beside RECURSIVEMATCH and REMOTE at octet 24, found " "',
    ],
    ['a SEARCH EMAILID M.1', 'a', 'An object identifier has 1 to 255 letters, digits, "_" and "-"'],
    ['a FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)', 'a', 'VANISHED is for UID FETCH'],
    ['a UID FETCH 1 FLAGS (VANISHED)', 'a', 'VANISHED needs CHANGEDSINCE'],
    ['a UID FETCH 1 FLAGS ()', 'a', 'Expected a fetch modifier at octet 23, found the end'],
    ['a SELECT x (QRESYNC)', 'a', 'Expected a space at octet 20, found ")"'],
    ['a SELECT x (QRESYNC (0 1))', 'a', 'Expected a UIDVALIDITY at octet 22, found "0"'],
    ['a SELECT x (QRESYNC (1))', 'a', 'Expected a space at octet 23, found ")"'],
    ['a SELECT x (QRESYNC (1 2 3:*))', 'a', 'QRESYNC wants numbers and UIDs that are known, no "*"'],
    ['a SELECT x (QRESYNC (1 2 (1,* 2)))', 'a', 'QRESYNC wants numbers and UIDs that are known, no "*"'],
    ['a SELECT x (QRESYNC (1 2 (1 2) 3))', 'a', 'Expected ")" at octet 31, found " "'],
    ['a SELECT x (QRESYNC (1 2 (1:3 4,5)))', 'a', 'QRESYNC wants as many message numbers as UIDs'],
    ['a SELECT x (QRESYNC (1 2 (2,1 4,5)))', 'a', 'QRESYNC wants message numbers and their UIDs in ascending order'],
    ['a SELECT x (QRESYNC (1 2 (1,2 5,5)))', 'a', 'QRESYNC wants message numbers and their UIDs in ascending order'],
    ['a SELECT x (QRESYNC (1 2 (1,2 6:5)))', 'a', 'QRESYNC wants message numbers and their UIDs in ascending order'],
    ['a ENABLE', 'a', 'Expected a space at octet 9, found the end'],
    ['a COMPRESS LZ4', 'a', 'Expected a compression mechanism (DEFLATE) at octet 12, found "L"'],
    ['a AUTHENTICATE PLAIN a', 'a', 'Expected base64, or "=" for nothing at octet 22, found "a"'],
  ])('%j', (text, tag, expected) => {
    expect(refusal(text)).toEqual({ tag, status: 'BAD', code: null, text: expected });
  });

  it.each([
    ['a SELECT ""'],
    ['a SELECT "a&b"'],
    ['a SELECT "K\xf6ln"'],
    ['a CREATE "x&AAk-"'],
    [`a CREATE ${'x'.repeat(1025)}`],
  ])('of a name, not of the command: %.20j', (text) => {
    expect(refusal(text)).toMatchObject({ tag: 'a', status: 'NO' });
  });
});

describe('hostile input', () => {
  it('NUL and 8-bit garbage: refused with a printable reason', () => {
    for (const text of [
      'a LOGIN \0 x',
      'a LOGIN "\0" x',
      'a LOGIN {1+}\r\n\0 x',
      'a \xff\xfe',
      'a LOGIN "\xff" x',
      'a NOOP\x1b[2J',
    ]) {
      const { status, text: reason } = refusal(text);
      expect(status).toBe('BAD');
      expect(reason).toMatch(/^[\x20-\x7e]+$/);
    }
  });

  it('nesting bomb', () => {
    const small = withLimits({ searchDepth: 10 });
    expect(refusal(`a SEARCH ${'('.repeat(20_000)}`, small).text).toContain('nested deeper than 10');
    expect(refusal(`a SEARCH ${'NOT '.repeat(10)}ALL`, small).text).toContain('nested deeper than 10');
    expect(refusal(`a SEARCH ${'OR ALL '.repeat(10_000)}ALL`).text).toContain('nested deeper');
    expect(parse(`a SEARCH ${'NOT '.repeat(9)}ALL`, small).ok).toBe(true);
  });

  it.each([
    ['search keys', `a SEARCH ${'ALL '.repeat(513)}`, 'More than 512 search keys'],
    ['ranges', `a FETCH ${'1,'.repeat(16_384)}1 FLAGS`, 'More than 16384 ranges'],
    ['known UIDs', `a SELECT x (QRESYNC (1 1 ${'1,'.repeat(16_384)}1))`, 'More than 16384 ranges'],
    ['SELECT parameters', `a SELECT x (${'CONDSTORE '.repeat(8)}CONDSTORE)`, 'More than 8 SELECT parameters'],
    ['fetch modifiers', `a UID FETCH 1 FLAGS (${'VANISHED '.repeat(8)}VANISHED)`, 'More than 8 fetch modifiers'],
    ['fetch items', `a FETCH 1 (${'FLAGS '.repeat(65)}FLAGS)`, 'More than 64 fetch items'],
    ['field names', `a FETCH 1 BODY[HEADER.FIELDS (${'x '.repeat(257)}x)]`, 'More than 256 field names'],
    ['part numbers', `a FETCH 1 BODY[${'1.'.repeat(65)}1]`, 'Part specifier deeper than 64'],
    ['flags', `a STORE 1 FLAGS (${'x '.repeat(128)}x)`, 'More than 128 flags'],
    ['patterns', `a LIST "" (${'x '.repeat(64)}x)`, 'More than 64 patterns'],
    ['ID fields', `a ID (${'"x" "y" '.repeat(30)}"x" "y")`, 'More than 30 ID fields'],
    ['octets in a keyword', `a STORE 1 FLAGS (${'x'.repeat(256)})`, 'Keyword above the limit of 255 octets'],
    ['octets in a tag', `${'x'.repeat(129)} NOOP`, 'Expected a tag'],
  ])('too many %s', (_, text, expected) => {
    expect(refusal(text).text).toContain(expected);
  });

  it('response splitting: field names that would break the answer', () => {
    const long = 'x'.repeat(999);
    expect(refusal(`a FETCH 1 BODY[HEADER.FIELDS ("${long}")]`).text).toContain('longer than 998 octets');
    expect(refusal('a FETCH 1 BODY[HEADER.FIELDS ({4+}\r\nx\r\ny)]').text).toContain('A field name is printable ASCII');
  });

  it('whatever comes gets a command or a printable refusal', () => {
    const pieces = fc.constantFrom(
      'a ',
      'FETCH ',
      'SEARCH ',
      'UID ',
      'LIST ',
      '(',
      ')',
      '"',
      '{3+}\r\n',
      '1:*',
      '\\',
      'BODY[',
      ']',
      '<',
      'x',
      '\0',
      '\xff',
      ' ',
      '*',
    );
    const input = fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 15 }).map((all) => all.join(''));
    fc.assert(
      fc.property(input, (text) => {
        const parsed = parse(text);
        if (!parsed.ok) expect(parsed.refusal.text).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('round trip', () => {
  it('every command comes back as it was sent', () => {
    fc.assert(
      fc.property(anyCommand, (sent) => {
        const bytes = encodeCommand('t1', sent);
        expect(parseCommand(bytes, DEFAULT_LIMITS), bytes.toString('latin1')).toEqual({
          ok: true,
          tag: 't1',
          command: sent,
          suppliedNames: new Map(),
        });
      }),
      { numRuns: 1500 },
    );
  });
});
