import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

const DEEPEST = 4;
const LONGEST_NOISE = 400;
/** Few, so that one within the other, and one that begins like the other, are common. */
const BOUNDARIES = ['b', 'bb', 'b--', 'x y', '', "'()+_,-./:=?", 'b\xfc'];
const TYPES = [
  'text/plain',
  'text/html',
  'TEXT/Enriched',
  'image/png',
  'text',
  '/',
  'message/partial',
  'a/b/c',
  'text/plain;',
];
const PARAMETERS = [
  ...[
    '; charset=utf-8',
    '; charset="iso-8859-1"',
    "; charset*=us-ascii'en'x%41",
    '; name="a\\"b"',
    '; name=\xfc',
    ';;',
    ';',
  ],
  ...['; n*0=a; n*1=b; n*2*=%41', "; n*0*=utf-8''%C3; n*1*=%BC", '; n*9=x', '; (comment) a=b', '; a', '; =b', '; a="'],
  '; charset=utf-7; charset=utf-16',
];
const ENCODINGS = ['7bit', '8bit', 'base64', 'quoted-printable', 'BINARY', 'x-uuencode', 'base64 (x)', '"', ''];
const ADDRESSES = [
  ...[
    'a@b.example',
    'A <a@b>',
    '"Q, \\" q" <a@b>',
    '=?utf-8?q?=C3=BC?= <a@b>',
    '<@r1,@r2:a@b>',
    'g: a@b, c@d;',
    'g:;',
    ',',
  ],
  ...[
    'a (c (d) e) @ b',
    '<>',
    'a@',
    '@b',
    'g: h: a@b;',
    '"',
    '(',
    '\xfc@\xfc',
    'a@[1.2.3.4]',
    ';',
    ':',
    'x <y',
    'undisclosed:;',
  ],
];
const TEXTS = [
  'x',
  '',
  ' ',
  '\xfc',
  '=?utf-8?b?w7w=?=',
  '=?x?q?=',
  '<a@b>',
  '"',
  '\\',
  '\0',
  'a\tb',
  'é'.repeat(40),
  '(',
  '=?utf-8?q?_?= =?utf-8?q?_?=',
];
const BODIES = [
  '',
  'text\r\n',
  'w7w=\r\n',
  '=C3=BC=\r\n=',
  'a\nb\rc\r\n',
  '\0\0',
  '--b\r\n',
  '--b--',
  '--bb--\r\n',
  '<p>x<!--',
  '&#x110000;&amp',
  '\xff\xfe',
];
const ENDS = ['\r\n', '\r\n', '\r\n', '\n', '\r'];
const WORDS = [
  ...BOUNDARIES.map((each) => `--${each}\r\n`),
  ...PARAMETERS,
  ...ADDRESSES,
  ...BODIES,
  '\r\n',
  '\r\n\r\n',
  ':',
  '(',
  ')',
  '"',
  '\0',
  '\r\n ',
].map((word) => Buffer.from(word, 'latin1'));

/** Messages as they come in, and as someone would send them who wants to break what reads them. */
export function messageInput(random: Random): Buffer {
  if (random.once(20)) return random.octets(random.below(LONGEST_NOISE));
  const whole = Buffer.from(`${envelopeOf(random)}${part(random, DEEPEST)}`, 'latin1');
  return random.once(3) ? whole : mutate(whole, random, WORDS);
}

function envelopeOf(random: Random): string {
  let header = '';
  for (const name of ['From', 'To', 'Cc', 'Sender', 'Reply-To', 'Bcc']) {
    if (random.once(2)) header += field(random, name, addresses(random));
  }
  for (const name of ['Subject', 'Date', 'Message-ID', 'In-Reply-To', 'References', 'X\xfc']) {
    if (random.once(3)) header += field(random, name, random.pick(TEXTS));
  }
  return header;
}

const addresses = (random: Random): string =>
  Array.from({ length: 1 + random.below(4) }, () => random.pick(ADDRESSES)).join(random.once(4) ? ' ' : ', ');

function field(random: Random, name: string, value: string): string {
  const folded = random.once(6) ? `${random.pick(ENDS)} ${value}` : value;
  return `${name}${random.once(12) ? ' ' : ''}:${random.once(4) ? '' : ' '}${folded}${random.pick(ENDS)}`;
}

/** Header and body of a part, from the fields of MIME on. */
function part(random: Random, depth: number): string {
  const more = (): string => contentFields(random);
  if (depth > 0 && random.once(3)) return multipart(random, depth);
  if (depth > 0 && random.once(6)) {
    const type = random.pick(['message/rfc822', 'message/global', 'Message/RFC822; x=y']);
    return `${field(random, 'Content-Type', type)}${more()}\r\n${envelopeOf(random)}${part(random, depth - 1)}`;
  }
  const type = `${random.pick(TYPES)}${random.once(2) ? random.pick(PARAMETERS) : ''}`;
  return `${random.once(5) ? '' : field(random, 'Content-Type', type)}${more()}\r\n${random.pick(BODIES)}`;
}

function multipart(random: Random, depth: number): string {
  const boundary = random.pick(BOUNDARIES);
  const subtype = random.pick(['mixed', 'alternative', 'digest', 'encrypted', 'X']);
  const header = field(
    random,
    'Content-Type',
    `multipart/${subtype}; boundary="${boundary}"${random.pick(PARAMETERS)}`,
  );
  let body = random.once(4) ? random.pick(BODIES) : '';
  for (let left = random.below(4); left > 0; left--) body += `\r\n--${boundary}\r\n${part(random, depth - 1)}`;
  return `${header}${contentFields(random)}\r\n${body}${random.once(4) ? '' : `\r\n--${boundary}--\r\n`}`;
}

function contentFields(random: Random): string {
  let fields = random.once(2) ? field(random, 'Content-Transfer-Encoding', random.pick(ENCODINGS)) : '';
  if (random.once(5)) fields += field(random, 'Content-Disposition', `attachment${random.pick(PARAMETERS)}`);
  if (random.once(8)) fields += field(random, 'Content-Language', random.pick(['en, de', 'en', ',', '(x)', '"']));
  for (const name of ['Content-ID', 'Content-Description', 'Content-MD5', 'Content-Location']) {
    if (random.once(9)) fields += field(random, name, random.pick(TEXTS));
  }
  return fields;
}
