import { describe, expect, it } from 'vitest';
import { analyzeMessage } from './analyze.ts';

/** A message written with LF. */
const mail = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');
const structureOf = (...lines: string[]): string => analyzeMessage(mail(...lines)).bodyStructure.toString('latin1');
const envelopeOf = (...lines: string[]): string => analyzeMessage(mail(...lines, '', '')).envelope.toString('latin1');

describe('the message of RFC 3501, section 8', () => {
  const message = mail(
    'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
    'From: Terry Gray <gray@cac.washington.edu>',
    'Subject: IMAP4rev1 WG mtg summary and minutes',
    'To: imap@cac.washington.edu',
    'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
    'Message-Id: <B27397-0100000@cac.washington.edu>',
    'MIME-Version: 1.0',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
    '',
    'x'.repeat(76),
    '',
  );
  const analyzed = analyzeMessage(message);

  it('has the ENVELOPE printed there', () => {
    const gray = '(("Terry Gray" NIL "gray" "cac.washington.edu"))';
    expect(analyzed.envelope.toString()).toBe(
      `("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" ${gray} ${gray} ${gray} ` +
        '((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) ' +
        'NIL NIL "<B27397-0100000@cac.washington.edu>")',
    );
  });

  it('has a BODY and a BODYSTRUCTURE of one text part', () => {
    expect(analyzed.body.toString()).toBe('("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7bit" 78 1)');
    expect(analyzed.bodyStructure.toString()).toBe(
      '("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7bit" 78 1 NIL NIL NIL NIL)',
    );
  });

  it('has sizes, a header block and a date', () => {
    expect(analyzed.size).toBe(message.length);
    expect(analyzed.lineCount).toBe(10);
    expect(analyzed.headerBlock.toString('latin1').endsWith('US-ASCII\r\n\r\n')).toBe(true);
    expect(analyzed.headerSize).toBe(analyzed.headerBlock.length);
    expect([analyzed.sentDay, analyzed.sentAt?.toISOString()]).toEqual(['1996-07-17', '1996-07-17T09:23:25.000Z']);
    expect(analyzed.messageId).toBe('<B27397-0100000@cac.washington.edu>');
  });
});

describe('BODYSTRUCTURE', () => {
  it('of the multipart example in RFC 2046, 5.1.1', () => {
    const structure = structureOf(
      'From: Nathaniel Borenstein <nsb@bellcore.com>',
      'MIME-Version: 1.0',
      'Content-type: multipart/mixed; boundary="simple boundary"',
      '',
      'This is the preamble.  It is to be ignored.',
      '',
      '--simple boundary',
      '',
      'This is implicitly typed plain US-ASCII text.',
      'It does NOT end with a linebreak.',
      '--simple boundary',
      'Content-type: text/plain; charset=us-ascii',
      '',
      'This is explicitly typed plain US-ASCII text.',
      'It DOES end with a linebreak.',
      '',
      '--simple boundary--',
      '',
      'This is the epilogue.  It is also to be ignored.',
    );
    const part = (octets: number, lines: number) =>
      `("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" ${octets} ${lines} NIL NIL NIL NIL)`;
    expect(structure).toBe(`(${part(80, 1)}${part(78, 2)} "mixed" ("boundary" "simple boundary") NIL NIL NIL)`);
  });

  it('of a digest: its parts are messages (RFC 2046, 5.1.5)', () => {
    const structure = structureOf(
      'Content-Type: multipart/digest; boundary=b',
      '',
      '--b',
      '',
      'Subject: one',
      '',
      'body',
      '--b--',
    );
    expect(structure).toBe(
      '(("message" "rfc822" NIL NIL NIL "7bit" 20 (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL) ' +
        '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 4 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL) ' +
        '"digest" ("boundary" "b") NIL NIL NIL)',
    );
  });

  it('of a message/global, as of a message/rfc822 (RFC 9051, 7.5.2)', () => {
    expect(structureOf('Content-Type: message/global', '', 'Subject: one', '', 'body')).toContain(
      '("message" "global" NIL NIL NIL "7bit" 20 (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ',
    );
  });

  it('of a message without a body before a boundary: what is inside reaches no further than what it is in', () => {
    const message = 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\na: b\n\n--b--\n';
    const [outer] = analyzeMessage(Buffer.from(message)).partIndex.parts;
    expect(outer?.endAt).toBe(outer?.parts[0]?.endAt);
  });

  it('tells id, description, encoding, MD5, disposition, languages and location', () => {
    const structure = structureOf(
      'Content-Type: image/gif; name="a.gif"',
      'Content-ID: <1@x>',
      'Content-Description: A "picture"',
      'Content-Transfer-Encoding: BASE64 (of course)',
      'Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==',
      'Content-Disposition: attachment; filename=a.gif; size=3',
      'Content-Language: en, de',
      'Content-Location: http://x/',
      '',
      'AAAA',
    );
    expect(structure).toBe(
      '("image" "gif" ("name" "a.gif") "<1@x>" "A \\"picture\\"" "BASE64" 4 "Q2hlY2sgSW50ZWdyaXR5IQ==" ' +
        '("attachment" ("filename" "a.gif" "size" "3")) ("en" "de") "http://x/")',
    );
  });

  it('puts the pieces of RFC 2231 together', () => {
    const structure = structureOf(
      'Content-Type: application/x-stuff; access-type=URL;',
      ' URL*0="ftp://";',
      ' URL*1="cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar";',
      " title*0*=us-ascii'en'This%20is%20even%20more%20;",
      ' title*1*=%2A%2A%2Afun%2A%2A%2A%20;',
      ' title*2="isn\'t it!"',
      '',
      '',
    );
    expect(structure).toContain('"access-type" "URL" "URL" "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"');
    expect(structure).toContain(
      '"title*" "us-ascii\'en\'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!"',
    );
  });

  it.each([
    ['no Content-Type', ''],
    ['an empty one', 'Content-Type:'],
    ['nonsense', 'Content-Type: text'],
    ['a multipart without boundary', 'Content-Type: multipart/mixed'],
    ['a multipart in which no part begins', 'Content-Type: multipart/mixed; boundary=b'],
  ])('of %s is plain text, so nothing is out of reach', (_, field) => {
    expect(structureOf(...(field === '' ? [] : [field]), '', 'text')).toMatch(
      /^\("text" "plain" \("charset" "us-ascii"\) NIL NIL "7bit" 4 0 /,
    );
  });
});

describe('ENVELOPE', () => {
  it('shows From as Sender and Reply-To where these are absent or empty', () => {
    const x = '((NIL NIL "x" "y"))';
    expect(envelopeOf('From: x@y', 'Reply-To: ')).toBe(`(NIL NIL ${x} ${x} ${x} NIL NIL NIL NIL NIL)`);
  });

  it('keeps encoded words, unfolds, and joins repeated address fields', () => {
    expect(envelopeOf('Subject: =?utf-8?q?h=C3=A9?=', '\tand more', 'To: a@b', 'To: c@d')).toBe(
      '(NIL "=?utf-8?q?h=C3=A9?=\tand more" NIL NIL NIL ((NIL NIL "a" "b")(NIL NIL "c" "d")) NIL NIL NIL NIL)',
    );
  });

  it('frames groups by NIL hosts', () => {
    expect(envelopeOf('To: A Group: Ed <e@x>, j@y;, z@w')).toContain(
      '((NIL NIL "A Group" NIL)("Ed" NIL "e" "x")(NIL NIL "j" "y")(NIL NIL NIL NIL)(NIL NIL "z" "w"))',
    );
  });

  it('sends 8-bit octets as literals, unchanged', () => {
    expect(envelopeOf('Subject: K\xf6ln')).toBe('(NIL {4}\r\nK\xf6ln NIL NIL NIL NIL NIL NIL NIL NIL)');
  });
});

describe('line ends', () => {
  it('may be LF alone', () => {
    const message = Buffer.from('Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n');
    const { partIndex, headerSize } = analyzeMessage(message);
    expect(message.subarray(0, headerSize).toString()).toBe('Content-Type: multipart/mixed; boundary=b\n\n');
    const texts = partIndex.parts.map((part) => message.subarray(part.bodyAt, part.endAt).toString());
    expect(texts).toEqual(['one', 'two']);
  });

  it('may be missing: a header without body, an empty message', () => {
    expect(analyzeMessage(mail('Subject: x')).headerBlock.toString()).toBe('Subject: x');
    const empty = analyzeMessage(Buffer.alloc(0));
    expect(empty).toMatchObject({ size: 0, lineCount: 0, headerSize: 0, sentDay: null, messageId: null });
    expect(empty.body.toString()).toBe('("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)');
  });
});

describe('boundaries', () => {
  it('may be written as RFC 2231 allows', () => {
    const message = mail(
      "Content-Type: multipart/mixed; boundary*=us-ascii''a%62",
      '',
      '--ab',
      "Content-Type: text/plain; charset*=''utf%2D8",
      '',
      'x',
      '--ab--',
    );
    expect(analyzeMessage(message).partIndex.parts).toMatchObject([{ charset: 'utf-8', type: 'text/plain' }]);
  });

  it('may be the same for a multipart and one inside it: the innermost is meant', () => {
    const inner = [
      '--b',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      '',
      'one',
      '--b',
      '',
      'two',
      '--b--',
    ];
    const message = mail('Content-Type: multipart/mixed; boundary=b', '', ...inner, '--b', '', 'three', '--b--');
    const { parts } = analyzeMessage(message).partIndex;
    expect(parts.map((part) => part.parts.length)).toEqual([2, 0]);
  });

  it('end parts that are left open inside', () => {
    const message = mail(
      'Content-Type: multipart/mixed; boundary=out',
      '',
      '--out',
      'Content-Type: multipart/alternative; boundary=in',
      '',
      '--in',
      '',
      'one',
      '--out',
      '',
      'two',
    );
    const [first, second] = analyzeMessage(message).partIndex.parts;
    expect(first?.parts).toHaveLength(1);
    expect(message.subarray(second?.bodyAt, second?.endAt).toString()).toBe('two');
  });

  it('are compared whole: one may begin like another', () => {
    const message = mail(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      '',
      '--b1',
      '--b-',
      '-- b',
      '--b  ',
      '',
      'two',
      '--b--',
    );
    const texts = analyzeMessage(message).partIndex.parts.map((p) => message.subarray(p.bodyAt, p.endAt).toString());
    expect(texts).toEqual(['--b1\r\n--b-\r\n-- b', 'two']);
  });

  it('after the last one everything is epilogue', () => {
    const message = mail('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'one', '--b--', '--b', '', 'two');
    expect(analyzeMessage(message).partIndex.parts).toHaveLength(1);
  });

  it('may follow a part that has a header only, or nothing', () => {
    const message = mail(
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-ID: <1>',
      '--b',
      '--b',
      '',
      '--b--',
    );
    const parts = analyzeMessage(message).partIndex.parts.map((p) => [
      message.subarray(p.headerAt, p.bodyAt).toString(),
      message.subarray(p.bodyAt, p.endAt).toString(),
    ]);
    expect(parts).toEqual([
      ['Content-ID: <1>', ''],
      ['', ''],
      ['\r\n', ''],
    ]);
  });
});
