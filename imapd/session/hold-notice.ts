/**
 * What a client reads while its command waits for a writer: RFC 9585 says which command is alive and that nobody knows
 * for how long; where that extension is off, a plain OK still keeps clients and NATs from giving up.
 */
export function holdNotice(tag: string, inProgress: boolean): string {
  const code = inProgress ? `[INPROGRESS ("${tag}" NIL NIL)] ` : '';
  return `* OK ${code}Waiting for the mailbox to be writable again\r\n`;
}
