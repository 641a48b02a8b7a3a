import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeMessage } from './analyze.ts';
import { readEnvelope } from './read-envelope.ts';
import { type Item, readParenthesized } from './test-support/read-parenthesized.ts';

const envelopeOf = (header: string): Buffer => analyzeMessage(Buffer.from(`${header}\r\n\r\n`, 'latin1')).envelope;

/** As a client reads it: one after the other, whole. */
function naive(octets: Buffer) {
  const [date, subject, from, , , to, cc, , inReplyTo, messageId] = readParenthesized(octets);
  const first = (list: Item | undefined) => {
    const address = Array.isArray(list) ? list[0] : null;
    if (!Array.isArray(address)) return null;
    const [name, , mailbox, host] = address;
    return { name, mailbox, host };
  };
  return { date, subject, from: first(from), to: first(to), cc: first(cc), inReplyTo, messageId };
}

describe('readEnvelope', () => {
  it('reads what is stored of a message', () => {
    const header = [
      'Date: Sat, 31 Oct 2026 10:00:00 +0100',
      'Subject: a "quoted" \\ word and \xfc',
      'From: "Ann \\"A\\" B" <ann@example.org>, Bob <bob@example.org>',
      'To: undisclosed recipients:;',
      'In-Reply-To: <a@b>',
      'Message-ID: <c@d>',
    ].join('\r\n');
    expect(readEnvelope(envelopeOf(header))).toEqual({
      date: 'Sat, 31 Oct 2026 10:00:00 +0100',
      subject: 'a "quoted" \\ word and \xfc',
      from: { name: 'Ann "A" B', mailbox: 'ann', host: 'example.org' },
      to: { name: null, mailbox: 'undisclosed recipients', host: null },
      cc: null,
      inReplyTo: '<a@b>',
      messageId: '<c@d>',
    });
  });

  it('reads every envelope as a client does', () => {
    const piece = fc.constantFrom(
      'a',
      '"',
      '\\',
      '(',
      ')',
      '{3}',
      ' ',
      '@',
      '<',
      '>',
      ',',
      ':',
      ';',
      'NIL',
      '\xfc',
      '\t',
    );
    const value = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
    const names = ['Date', 'Subject', 'From', 'Sender', 'To', 'Cc', 'Bcc', 'In-Reply-To', 'Message-ID'];
    const header = fc.tuple(...names.map((name) => value.map((text) => `${name}: ${text}`)));
    fc.assert(
      fc.property(header, (lines) => {
        const octets = envelopeOf(lines.join('\r\n'));
        expect(readEnvelope(octets)).toEqual(naive(octets));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not take anything else for one', () => {
    for (const text of ['', 'NIL', '(NIL', '("a" {x}', '("a" NIL (NIL']) {
      expect(() => readEnvelope(Buffer.from(text))).toThrow('no ENVELOPE');
    }
  });
});
