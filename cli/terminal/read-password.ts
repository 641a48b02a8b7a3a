import { text } from 'node:stream/consumers';
import { CliError, EXIT } from '../cli-error.ts';

export type PasswordOptions = {
  /** Take the first line of standard input instead of asking. */
  readonly fromStdin: boolean;
  /** Ask twice, for a password that is being set. */
  readonly prompt: string;
};

/** Where people are asked. */
export type Terminal = {
  readonly stdin: Pick<NodeJS.ReadStream, 'isTTY' | 'setEncoding' | 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'> &
    NodeJS.ReadableStream;
  readonly stderr: Pick<NodeJS.WriteStream, 'write'>;
};

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = new Set(['\u0008', '\u007f']);

/**
 * A new password: asked for twice on the terminal without showing it, or the first line of standard input.
 * @throws CliError where it is empty, differs, or there is no terminal to ask on
 */
export async function readPassword(
  { fromStdin, prompt }: PasswordOptions,
  terminal: Terminal = process,
): Promise<string> {
  if (fromStdin) {
    const [line = ''] = (await text(terminal.stdin)).split(/\r?\n/);
    if (line === '') throw new CliError('standard input holds no password', EXIT.usage);
    return line;
  }
  if (!terminal.stdin.isTTY) {
    throw new CliError('no terminal to ask for the password on: use --password-stdin', EXIT.usage);
  }
  const first = await ask(`${prompt}: `, terminal);
  if (first === '') throw new CliError('the password is empty', EXIT.usage);
  if ((await ask(`${prompt}, again: `, terminal)) !== first) throw new CliError('the two passwords differ', EXIT.usage);
  return first;
}

/** Raw mode, since it is the terminal's own echo that would show the password. */
async function ask(prompt: string, { stdin, stderr }: Terminal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = '';
  const take = (chunk: string): void => {
    for (const key of chunk) {
      if (key === CTRL_C) reject(new CliError('interrupted', EXIT.interrupted));
      else if (key === '\r' || key === '\n' || key === CTRL_D) resolve(typed);
      else typed = BACKSPACES.has(key) ? [...typed].slice(0, -1).join('') : typed + key;
    }
  };
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', take).resume();
  // Only now: what is typed at the sight of it must find the echo off.
  stderr.write(prompt);
  try {
    return await promise;
  } finally {
    stdin.setRawMode(false);
    stdin.off('data', take).pause();
    stderr.write('\n');
  }
}
