import { createHash } from 'node:crypto';

/** A message of the demo: raw octets, and the hash by which it is known whatever UID it gets. */
export type Mail = { readonly raw: Buffer; readonly hash: string };

export const mailOf = (raw: Buffer): Mail => ({ raw, hash: createHash('sha256').update(raw).digest('hex') });

/** Numbers in [0, 1) from a seed (mulberry32): the same seed gives the same mail. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PEOPLE = ['Ada Grün', 'Bo Søndergård', 'Chloé Martin', 'Dmitri Волков', 'Emeka Obi', '藤原 さくら'];
const TOPICS = ['budget', 'Reisekosten', 'réunion de lundi', 'backup window', 'release notes', 'вопрос', '会議の件'];
const WORDS = 'the queue drains while replicas keep pace and nobody waits for a disk that will not answer today'.split(
  ' ',
);

/**
 * Mail as it comes in real life: plain, 8-bit, multipart/alternative, with attachments, with encoded headers; CRLF line
 * ends; each message unique through its Message-ID.
 */
export function createMailGenerator(seed: number): (kind?: MailKind) => Mail {
  const random = seededRandom(seed);
  let count = 0;
  return (kind = pick(KINDS, random)) => {
    count += 1;
    const subject = `${pick(TOPICS, random)} ${count}`;
    const head = headers({ subject, count, seed, random });
    return mailOf(Buffer.from(`${head}${bodies[kind](random)}`.replaceAll('\n', '\r\n'), 'utf8'));
  };
}

const KINDS = ['plain', 'eightBit', 'alternative', 'attachment'] as const;
export type MailKind = (typeof KINDS)[number];

function pick<T>(from: readonly T[], random: () => number): T {
  const item = from[Math.floor(random() * from.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

const encodedWord = (text: string): string => `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;

function headers(of: { subject: string; count: number; seed: number; random: () => number }): string {
  const from = pick(PEOPLE, of.random);
  const date = new Date(Date.UTC(2026, 0, 1) + of.count * 61_000).toUTCString().replace('GMT', '+0000');
  return [
    `From: ${encodedWord(from)} <sender${of.count % 7}@example.org>`,
    'To: team@example.org',
    `Subject: ${encodedWord(of.subject)}`,
    `Date: ${date}`,
    `Message-ID: <${of.seed}.${of.count}@example.org>`,
    'MIME-Version: 1.0\n',
  ].join('\n');
}

function prose(random: () => number, lines: number): string {
  const line = (): string => Array.from({ length: 10 }, () => pick(WORDS, random)).join(' ');
  return Array.from({ length: lines }, line).join('\n');
}

const plainPart = (random: () => number): string =>
  `Content-Type: text/plain; charset=us-ascii\n\n${prose(random, 4 + Math.floor(random() * 30))}\n`;
const eightBitPart = (random: () => number): string =>
  `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße — naïve façade, 日本語\n${prose(random, 6)}\n`;
const htmlPart = (random: () => number): string =>
  `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<p>${prose(random, 5)}</p>\n`;

function filePart(random: () => number): string {
  const bytes = Buffer.from(
    Uint8Array.from({ length: 2_000 + Math.floor(random() * 60_000) }, () => Math.floor(random() * 256)),
  );
  const lines = bytes.toString('base64').replace(/.{76}/g, '$&\n');
  const disposition = `Content-Disposition: attachment; filename*=UTF-8''b%C3%A9tail.bin`;
  return `Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n${disposition}\n\n${lines}\n`;
}

function multipart(subtype: string, parts: readonly string[]): string {
  const boundary = `=_${subtype}_boundary`;
  const inner = parts.map((part) => `--${boundary}\n${part}`).join('');
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\n\n${inner}--${boundary}--\n`;
}

const bodies: Readonly<Record<MailKind, (random: () => number) => string>> = {
  plain: plainPart,
  eightBit: eightBitPart,
  alternative: (random) => multipart('alternative', [plainPart(random), htmlPart(random)]),
  attachment: (random) => multipart('mixed', [eightBitPart(random), filePart(random)]),
};
