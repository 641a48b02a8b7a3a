import { headerEnd } from './message-bytes.ts';

const FLAGS: Readonly<Record<string, string>> = {
  R: '\\Seen',
  A: '\\Answered',
  F: '\\Flagged',
  T: '\\Draft',
  D: '\\Deleted',
};

/**
 * The flags that mail programs keep in an mbox as the fields `Status` and `X-Status`, and the message without them: they
 * are the file's notes about the message, not part of it.
 */
export function statusFlags(content: Buffer): { readonly flags: readonly string[]; readonly bytes: Buffer } {
  const end = headerEnd(content);
  const header = content.subarray(0, end).toString('latin1');
  const letters = [...header.matchAll(/^(?:X-)?Status:[ \t]*(.*?)\r?$/gim)].map(([, value]) => value ?? '').join('');
  if (letters === '' && !/^(?:X-)?Status:/im.test(header)) return { flags: [], bytes: content };
  const rest = header.replace(/^(?:X-)?Status:.*\r?\n/gim, '');
  const flags = new Set([...letters].flatMap((letter) => FLAGS[letter] ?? []));
  return { flags: [...flags], bytes: Buffer.concat([Buffer.from(rest, 'latin1'), content.subarray(end)]) };
}
