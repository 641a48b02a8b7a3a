import { describe, expect, it } from 'vitest';
import type { LiteralPlace } from './command.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { parseFurtherSteps } from './parse-command.ts';
import { command, refusal } from './test-support/parse-text.ts';

describe('messages of APPEND', () => {
  const further = (text: string, behind: LiteralPlace = 'message') =>
    parseFurtherSteps(Buffer.from(text, 'latin1'), behind, DEFAULT_LIMITS);
  const begun = { kind: 'message', flags: [], internalDate: null, catenated: false };
  const literal = { kind: 'literal', place: 'message', binary: false };

  it('a further one may have flags and a date of its own (RFC 3502)', () => {
    expect(further('')).toEqual({ ok: true, steps: [] });
    expect(further(' {3}')).toEqual({ ok: true, steps: [begun, { ...literal, size: 3 }] });
    expect(further(' (\\Seen x) " 7-Feb-1994 22:43:04 -0800" {295+}')).toEqual({
      ok: true,
      steps: [
        { ...begun, flags: ['\\Seen', 'x'], internalDate: new Date('1994-02-08T06:43:04Z') },
        { ...literal, size: 295 },
      ],
    });
  });

  it('one may be put together of what is there and what comes (RFC 4469)', () => {
    const catenated = { ...begun, catenated: true };
    const text = { kind: 'literal', place: 'text', binary: false };
    expect(command('A003 APPEND Drafts (\\Draft) CATENATE (URL "/D/;UID=20/;section=HEADER" TEXT {42}').steps).toEqual([
      { ...catenated, flags: ['\\Draft'] },
      { kind: 'url', url: '/D/;UID=20/;section=HEADER' },
      { ...text, size: 42 },
    ]);
    expect(further(' URL /D/;UID=20 URL "b" TEXT {44+}', 'text')).toEqual({
      ok: true,
      steps: [
        { kind: 'url', url: '/D/;UID=20' },
        { kind: 'url', url: 'b' },
        { ...text, size: 44 },
      ],
    });
    expect(further(')', 'text')).toEqual({ ok: true, steps: [] });
    expect(further(' URL {9}', 'url')).toEqual({ ok: true, steps: [{ ...text, place: 'url', size: 9 }] });
    expect(further(') catenate (url a) (x) {3}', 'text')).toEqual({
      ok: true,
      steps: [catenated, { kind: 'url', url: 'a' }, { ...begun, flags: ['x'] }, { ...literal, size: 3 }],
    });
  });

  it('all of one may be here: there is no literal (RFC 4469)', () => {
    expect(command('a APPEND x CATENATE (URL a URL "b c")').steps).toMatchObject([
      { catenated: true },
      { url: 'a' },
      { url: 'b c' },
    ]);
  });

  it('what has UTF-8 in its header is said to have it (RFC 6855, 4)', () => {
    const utf8 = { kind: 'literal', place: 'utf8', size: 3, binary: true };
    expect(command('a APPEND x (y) utf8 (~{3+}').steps).toEqual([{ ...begun, flags: ['y'] }, utf8]);
    expect(further(') (z) UTF8 (~{3}', 'utf8')).toEqual({ ok: true, steps: [{ ...begun, flags: ['z'] }, utf8] });
    expect(further(')', 'utf8')).toEqual({ ok: true, steps: [] });
    expect(command('a APPEND x CATENATE (UTF8 (~{3}').steps.at(-1)).toEqual({ ...utf8, place: 'utf8Text' });
    expect(further(') URL a UTF8 (~{3}', 'utf8Text')).toMatchObject({ steps: [{ url: 'a' }, { place: 'utf8Text' }] });
    expect(further('))', 'utf8Text')).toEqual({ ok: true, steps: [] });
    for (const text of ['', ' {3}', '))', ') x']) expect(further(text, 'utf8')).toMatchObject({ ok: false });
  });

  it.each([
    ['a APPEND x UTF8 ({3}', 'Expected a message as a literal at octet 18, found "{"'],
    ['a APPEND x UTF8 ~{3}', 'Expected a message as a literal at octet 12, found "U"'],
    ['a APPEND x CATENATE ()', 'Expected a part of a message (TEXT, URL) at octet 22, found ")"'],
    ['a APPEND x CATENATE (URL a', 'Expected a space or ")" at octet 27, found the end'],
    ['a APPEND x CATENATE (TEXT a)', 'Expected a literal at octet 27, found "a"'],
    ['a APPEND x CATENATE (TEXT ~{3}', 'Expected a literal at octet 27, found "~"'],
    ['a APPEND x CATENATE (URL a) b', 'Expected a message as a literal at octet 29, found "b"'],
  ])('%s is none', (line, text) => {
    expect(refusal(line)).toEqual({ tag: 'a', status: 'BAD', code: null, text });
  });

  it('one may replace another (RFC 8508)', () => {
    expect(command('A003 REPLACE 4 Drafts (\\Seen \\Draft) {312}')).toMatchObject({
      ...{ name: 'REPLACE', uid: false, set: '4', mailbox: 'Drafts' },
      steps: [{ flags: ['\\Seen', '\\Draft'], internalDate: null }, { size: 312 }],
    });
    expect(command('A004 UID REPLACE * {6}\r\nDrafts {350+}')).toMatchObject({
      uid: true,
      set: '*',
      mailbox: 'Drafts',
    });
    expect(refusal('a REPLACE 1:2 x {3}').text).toBe('Expected a space at octet 12, found ":"');
    expect(refusal('a REPLACE x {3}').text).toBe('Expected a message number, UID or "*" at octet 11, found "x"');
    expect(refusal('a UID REPLACE 7 {3}').text).toBe(
      'Expected the line end before a literal at octet 20, found the end',
    );
  });

  it('may be literals that hold anything (RFC 3516)', () => {
    expect(command('a APPEND x ~{5}').steps.at(-1)).toMatchObject({ size: 5, binary: true });
    expect(further(' ~{5+}')).toMatchObject({ steps: [{}, { size: 5, binary: true }] });
  });

  it.each([
    ['{3}', 'Expected a space at octet 1, found "{"'],
    [' (\\Nope) {3}', 'The flag \\Nope cannot be set by a client'],
    [' x {3}', 'Expected a message as a literal at octet 2, found "x"'],
    [' (a b', 'Expected a space or ")" at octet 6, found the end'],
  ])('%j is none', (text, expected) => {
    expect(further(text)).toEqual({ ok: false, refusal: { tag: null, status: 'BAD', code: null, text: expected } });
  });
});
