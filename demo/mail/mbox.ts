import { type Mail, mailOf } from './generator.ts';

/**
 * Messages of an mbox (RFC 4155): a line `From ` after an empty line, or at the start, begins one. `>From ` loses one
 * `>` (mboxrd); line ends become CRLF, as IMAP wants them.
 */
export function readMbox(mbox: Buffer): readonly Mail[] {
  const text = mbox.toString('latin1').replaceAll('\r\n', '\n');
  return text
    .split(/(?:^|\n)(?=From )/)
    .filter((part) => part.startsWith('From '))
    .map((part) => part.slice(part.indexOf('\n') + 1))
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const raw = part.replace(/^>(>*From )/gm, '$1').replaceAll('\n', '\r\n');
      const subject = /^Subject: (.*)$/im.exec(part)?.[1] ?? '(no subject)';
      return mailOf(Buffer.from(raw, 'latin1'), subject);
    });
}
