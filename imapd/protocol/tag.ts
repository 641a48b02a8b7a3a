/** `tag` of RFC 3501, 9: any ASTRING-CHAR but `+`, as a set of byte values. */
const isTagByte = new Uint8Array(256);
for (let byte = 0x21; byte < 0x7f; byte++) isTagByte[byte] = '(){%*"\\+'.includes(String.fromCharCode(byte)) ? 0 : 1;

/** Length of the tag at the beginning of a command; 0 where there is none of at most `limit` octets. */
export function tagLength(command: Buffer, limit: number): number {
  let at = 0;
  while (at <= limit && isTagByte[command[at] ?? 0] === 1) at++;
  return at > limit ? 0 : at;
}

/** The tag a command begins with, to be answered even where nothing else of it was understood; null without one. */
export function tagOf(command: Buffer, limit: number): string | null {
  const length = tagLength(command, limit);
  const next = command[length];
  const ends = next === undefined || next === 0x20 || next === 0x0d || next === 0x0a;
  return length > 0 && ends ? command.toString('latin1', 0, length) : null;
}
