import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withLimits } from './limits.ts';
import { ResponseWriter } from './response-writer.ts';
import { Cursor } from './syntax/cursor.ts';

const written = (write: (writer: ResponseWriter) => void): string => {
  const writer = new ResponseWriter();
  write(writer);
  return writer.take().toString('latin1');
};

describe('ResponseWriter', () => {
  it('writes a FETCH response', () => {
    const text = written((w) =>
      w
        .raw('* ')
        .number(12)
        .raw(' FETCH (FLAGS ')
        .flags(['\\Seen', 'x'])
        .raw(' UID ')
        .number(4294967295)
        .raw(')')
        .crlf(),
    );
    expect(text).toBe('* 12 FETCH (FLAGS (\\Seen x) UID 4294967295)\r\n');
  });

  it('takes back what is not to be said after all', () => {
    const text = written((w) => {
      w.raw('* 1 EXISTS').crlf();
      const { length } = w;
      w.raw('* 1 FETCH (BODY[] ').literalHeader(5000).bytes(Buffer.alloc(4000));
      w.cutTo(length);
      w.raw('a OK').crlf();
    });
    expect(text).toBe('* 1 EXISTS\r\na OK\r\n');
  });

  it.each([
    ['an empty string', '', '""'],
    ['a plain one', 'a b', '"a b"'],
    ['quotes and backslashes', 'a"b\\', '"a\\"b\\\\"'],
    ['a line end', 'a\r\nb', '{4}\r\na\r\nb'],
    ['8-bit octets', Buffer.from([0x61, 0xff]), '{2}\r\na\xff'],
    ['a long one', 'x'.repeat(1025), `{1025}\r\n${'x'.repeat(1025)}`],
    ['nothing', null, 'NIL'],
  ])('writes %s as a string', (_, value, expected) => {
    expect(written((w) => w.nstring(value))).toBe(expected);
  });

  it.each([
    ['INBOX', 'INBOX'],
    ['', '""'],
    ['NIL', '"NIL"'],
    ['a b', '"a b"'],
    ['a]', '"a]"'],
    ['台北', '&U,BTFw-'],
  ])('writes mailbox %s', (name, expected) => {
    expect(written((w) => w.mailbox(name))).toBe(expected);
  });

  it('writes numbers of every length', () => {
    for (const n of [0, 9, 10, 99, 100, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER]) {
      expect(written((w) => w.number(n))).toBe(String(n));
    }
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), (n) => {
        expect(written((w) => w.number(n))).toBe(String(n));
      }),
    );
  });

  it('response splitting: text of a status stays on its line', () => {
    expect(written((w) => w.tagged('a', { status: 'NO', code: 'TOOBIG', text: 'x\r\n* BYE é' }))).toBe(
      'a NO [TOOBIG] x??* BYE ?\r\n',
    );
    expect(written((w) => w.status('OK', '', 'UIDNEXT 4'))).toBe('* OK [UIDNEXT 4] -\r\n');
    expect(written((w) => w.tagged(null, { status: 'BAD', text: 'what' }))).toBe('* BAD what\r\n');
  });

  it('gives what it wrote away: later writing does not change it', () => {
    const writer = new ResponseWriter();
    const first = writer.raw('first').take();
    const others = Array.from({ length: 5000 }, (_, i) => writer.raw(`answer ${i} `).number(i).take());
    expect(first.toString()).toBe('first');
    expect(others.every((bytes, i) => bytes.toString() === `answer ${i} ${i}`)).toBe(true);
  });

  it('what it writes, a client reads back', () => {
    const value = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.filter((b) => b !== 0)));
    fc.assert(
      fc.property(value, fc.boolean(), (bytes, plain) => {
        const text = written((w) => (plain ? w.astring(bytes) : w.string(bytes)));
        const cursor = new Cursor(Buffer.from(text, 'latin1'), withLimits({}));
        expect(cursor.astring('a string')).toBe(bytes.toString('latin1'));
        expect(cursor.atEnd).toBe(true);
      }),
    );
  });
});

it('mailbox names of IMAP4rev2 are UTF-8, in quotes', () => {
  const named = (name: string): string => new ResponseWriter('utf8').mailbox(name).take().toString('utf8');
  expect(['INBOX', 'a b', 'Entwürfe & "mehr"', '日'].map(named)).toEqual([
    'INBOX',
    '"a b"',
    '"Entwürfe & \\"mehr\\""',
    '"日"',
  ]);
});
