import { createHash } from 'node:crypto';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { messageInput } from '../../../fuzz/message-input.ts';
import { Random } from '../../../fuzz/random.ts';
import { analyzeMessage } from '../../../mime/analyze.ts';
import { SignatureMaker } from '../../../mime/text/signature/signature-maker.ts';
import { OWN_RULES, storedFilter } from '../../../mime/text/signature/stored-filter.ts';
import { type TextListener, TextSearch } from '../../../mime/text/text-search.ts';
import type { Uid } from '../../../store/types.ts';
import { signatureFacts, soughtInSignatures } from './signature-facts.ts';

// Promise: what a search would find in a text its signature never denies, whatever the message; most of what is not there it denies.

type Signature = ReturnType<SignatureMaker['finish']>;

type Looking = { readonly sought?: readonly string[]; readonly step?: number | undefined };

/** Looks through a message as a search does that makes its signature. */
function lookThrough(raw: Buffer, listener: TextListener, { sought = [], step = raw.length }: Looking = {}) {
  const { partIndex } = analyzeMessage(raw);
  const search = new TextSearch(partIndex, { body: sought, text: sought }, listener);
  for (let at = 0; at < raw.length; at += step) search.write(raw.subarray(at, at + step));
  return search.end();
}

function signed(raw: Buffer): Signature {
  const maker = new SignatureMaker();
  lookThrough(raw, maker);
  return maker.finish();
}

const denied = ({ header, body }: Signature, value: string): { readonly body: boolean; readonly text: boolean } => {
  const sought = soughtInSignatures({ body: [value], text: [value] });
  if (sought === null) return { body: false, text: false };
  const { facts } = signatureFacts({ uid: 1 as Uid, headerSignature: header, bodySignature: body }, sought);
  return { body: facts.body(value) === false, text: facts.text(value) === false };
};

/** How many of the strings a search finds; none of them may be denied. */
function requireFound(raw: Buffer, strings: readonly string[], step?: number): number {
  const signature = signed(raw);
  const found = lookThrough(raw, new SignatureMaker(), { sought: strings, step });
  for (const [at, value] of strings.entries()) {
    const no = denied(signature, value);
    if (found.body[at] === true) expect(no.body, `BODY ${JSON.stringify(value)}`).toBe(false);
    if (found.text[at] === true) expect(no.text, `TEXT ${JSON.stringify(value)}`).toBe(false);
  }
  return found.text.filter((each) => each).length;
}

const CHARSETS = ['utf-8', 'iso-8859-1', 'koi8-r', 'utf-16', 'shift_jis', 'gb18030', 'iso-8859-7', 'windows-1250'];
const TEXTS = [
  'Straße',
  'Grüße aus Köln',
  'привет',
  '東京タワー',
  'ΟΔΥΣΣΕΥΣ',
  'ǆ ﬁ ſ K ı İ',
  '😀𐐨',
  'a\u0301e\u0308',
  '\0',
];
const word = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme', maxLength: 12 }), fc.lorem());
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));

const part = fc.record({
  text,
  charset: fc.constantFrom(...CHARSETS),
  encoding: fc.constantFrom('8bit', 'base64', 'qp'),
});
type Part = { readonly text: string; readonly charset: string; readonly encoding: string };

const quoted = (octets: Buffer): string =>
  [...octets]
    .map((octet, at) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}${at % 20 === 19 ? '=\r\n' : ''}`)
    .join('');

function written(each: Part): string {
  const octets = iconv.encode(each.text, each.charset);
  const body = { '8bit': octets.toString('latin1'), base64: octets.toString('base64'), qp: quoted(octets) }[
    each.encoding
  ];
  const encoding = each.encoding === 'qp' ? 'quoted-printable' : each.encoding;
  return `Content-Type: text/plain; charset=${each.charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
}

const message = fc.record({ subject: part, parts: fc.array(part, { minLength: 1, maxLength: 4 }), inner: part });
function rawOf({ subject, parts, inner }: { subject: Part; parts: readonly Part[]; inner: Part }): Buffer {
  const word64 = `=?${subject.charset}?b?${iconv.encode(subject.text, subject.charset).toString('base64')}?=`;
  const all = [...parts.map(written), `Content-Type: message/rfc822\r\n\r\nSubject: ${word64}\r\n${written(inner)}`];
  const body = all.map((each) => `--=b\r\n${each}\r\n`).join('');
  return Buffer.from(
    `Subject: ${word64}\r\nContent-Type: multipart/mixed; boundary="=b"\r\n\r\n${body}--=b--\r\n`,
    'latin1',
  );
}

test('nothing that is found is denied: messages of every charset and encoding, however they are cut', () => {
  let found = 0;
  const slice = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 30 }), fc.nat(2));
  fc.assert(
    fc.property(
      message,
      fc.array(slice, { minLength: 8, maxLength: 8 }),
      fc.integer({ min: 1, max: 400 }),
      (m, cuts, step) => {
        const texts = [m.subject, m.inner, ...m.parts].map((each) => each.text);
        const strings = cuts.map(([from, length, how], at) => {
          const whole = texts[at % texts.length] ?? '';
          const piece = whole.slice(from % (whole.length + 1)).slice(0, length);
          return [piece, piece.toUpperCase(), piece.toLowerCase()][how] ?? piece;
        });
        found += requireFound(rawOf(m), strings, step);
      },
    ),
    { seed: 7, numRuns: 1_000 },
  );
  expect(found).toBeGreaterThan(2_000);
});

test('nor in hostile ones', () => {
  let found = 0;
  for (let index = 0; index < 3_000; index++) {
    const random = new Random(11, index);
    const raw = messageInput(random);
    const heard: string[] = [];
    lookThrough(raw, { text: (folded) => void heard.push(folded), endText: () => undefined });
    const pieces = heard.filter((each) => each !== '').slice(0, 8);
    const strings = pieces.map((each) => each.slice(random.below(each.length)).slice(0, 3 + random.below(20)));
    found += requireFound(raw, strings, 1 + random.below(50));
  }
  expect(found).toBeGreaterThan(2_000);
});

test('of what is not there most is denied, and a signature is small', () => {
  const words = fc.sample(
    fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), minLength: 3, maxLength: 9 }),
    {
      seed: 3,
      numRuns: 1_000,
    },
  );
  const body = words.slice(0, 400).join(' ');
  const signature = signed(Buffer.from(`Subject: x\r\n\r\n${body}\r\n`));
  const absent = words.slice(400).filter((each) => each.length >= 6 && !body.includes(each));
  expect(absent.length).toBeGreaterThan(200);
  expect(absent.filter((each) => !denied(signature, each).text).length / absent.length).toBeLessThan(0.01);
  expect(signature.body.length).toBeLessThan(body.length);
  expect(denied(signature, words[5] ?? '').body).toBe(false);
});

test('where everything is there it denies nothing, and takes no room', () => {
  const noise = new Random(5, 0).octets(3_000_000).map((octet) => Math.max(0x0e, octet & 0x7f));
  const signature = signed(Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), noise]));
  expect(signature.body).toHaveLength(8);
  expect(denied(signature, 'nowhere at all')).toEqual({ body: false, text: false });
});

test('short strings, no signature, one of other rules and a damaged one deny nothing', () => {
  const { header, body } = signed(Buffer.from('Subject: x\r\n\r\nhello\r\n'));
  expect(denied({ header, body }, 'world')).toEqual({ body: true, text: true });
  expect(denied({ header, body }, 'zz')).toEqual({ body: false, text: false });
  expect(denied({ header, body }, '語')).toEqual({ body: true, text: true });
  const damaged = Buffer.from(body);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  const others = [damaged, Buffer.alloc(0), storedFilter(body.subarray(8), OWN_RULES - 1)];
  const newer = storedFilter(body.subarray(8), OWN_RULES + 1);
  for (const each of [...others, newer]) expect(denied({ header, body: each }, 'world').body).toBe(false);
  const sought = soughtInSignatures({ body: ['world'], text: [] }) ?? new Map();
  const wanted = (bodySignature: Buffer) => signatureFacts({ uid: 1 as Uid, bodySignature }, sought).wanted;
  expect(others.map(wanted)).toEqual([true, true, true]);
  expect(wanted(newer)).toBe(false);
});

// Whoever changes what SEARCH takes for text, how it is folded or scattered, or a library that decodes it, sees this fail: then RULES
// (stored-filter.ts) is to be raised, or searches would leave out messages whose signatures are of the old rules.
test('known messages have known signatures', () => {
  const parts = CHARSETS.flatMap((charset) =>
    ['8bit', 'base64', 'qp'].map((encoding) => ({ text: `${TEXTS.join(' ')} of ${charset}`, charset, encoding })),
  );
  const digest = createHash('sha256');
  for (const each of parts) {
    const { header, body } = signed(rawOf({ subject: each, parts: [each], inner: each }));
    digest.update(header.subarray(8)).update(body.subarray(8));
  }
  expect(digest.digest('hex')).toBe('543c11e7bc18c62d40188f86032c30c2716039dd10d3e8a0a631fb833c9f69ce');
});
