const WORDS = 'the queue drains while replicas keep pace and nobody waits for a disk that will not answer today'.split(
  ' ',
);
const LARGE_OCTETS = 20 * 1024;
/** One message in so many has what SEARCH looks for. */
const SOUGHT_EVERY = 10;

/** In the subject of one message in ten. */
export const SOUGHT_SUBJECT = 'quarterly';
/** In the text of one large message in ten. */
export const SOUGHT_TEXT = 'needlework';

/** A small message of two parts, some 1.2 kB: what lists of messages are made of. The same number gives the same octets. */
export function smallMail(n: number): Buffer {
  const boundary = `=_part_${n}`;
  const lines = [
    ...header(n),
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...prose(n, 4),
    `--${boundary}`,
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>',
    ...prose(n + 1, 4),
    '</p>',
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

/** A text of 20 KiB. */
export function largeMail(n: number): Buffer {
  const head = [...header(n), 'Content-Type: text/plain; charset=us-ascii', '', ''].join('\r\n');
  const sought = n % SOUGHT_EVERY === 0 ? `${SOUGHT_TEXT}\r\n` : '';
  const text = `${prose(n, LARGE_OCTETS / 80).join('\r\n')}\r\n`.repeat(2);
  const kept = `${head}${text}`.slice(0, LARGE_OCTETS - sought.length - 2);
  return Buffer.from(`${kept}\r\n${sought}`);
}

function header(n: number): readonly string[] {
  const subject = `${n % SOUGHT_EVERY === 0 ? SOUGHT_SUBJECT : 'weekly'} report ${n}`;
  const date = new Date(Date.UTC(2026, 0, 1) + n * 61_000).toUTCString().replace('GMT', '+0000');
  return [
    `Received: from mx${n % 3}.example.net (mx.example.net [192.0.2.${n % 250}]) by mail.example.org; ${date}`,
    `From: "Sender ${n % 97}" <sender${n % 97}@example.org>`,
    'To: team@example.org, "Ann Example" <ann@example.org>',
    `Subject: ${subject}`,
    `Date: ${date}`,
    `Message-ID: <bench.${n}@example.org>`,
    'MIME-Version: 1.0',
  ];
}

const prose = (n: number, lines: number): readonly string[] =>
  Array.from({ length: lines }, (_, line) =>
    Array.from({ length: 14 }, (_, word) => WORDS[(n * 7 + line * 3 + word) % WORDS.length]).join(' '),
  );
