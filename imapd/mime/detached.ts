/**
 * A copy of a text that keeps nothing else in memory: the runtime's substrings hold on to the whole that they are cut from. For
 * what is kept of many messages.
 */
export function detached(text: string): string {
  const encoding = /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}
