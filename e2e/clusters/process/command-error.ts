/** A program that did not do what it was started for, with the last lines it wrote. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(what: string, lines: readonly string[]) {
    super(lines.length === 0 ? what : `${what}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
  }
}
