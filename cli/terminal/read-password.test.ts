import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { EXIT } from '../cli-error.ts';
import { readPassword, type Terminal } from './read-password.ts';

/** A person at a terminal, who types an answer at the sight of each question. */
function terminal(answers: readonly string[], isTTY = true) {
  const left = [...answers];
  const shown: string[] = [];
  const echo = { on: true };
  const keys = new PassThrough();
  const stdin = Object.assign(keys, {
    isTTY,
    setRawMode(raw: boolean) {
      echo.on = !raw;
      return keys;
    },
  });
  const stderr = {
    write(text: string) {
      shown.push(text);
      // What is typed while the terminal echoes would be seen.
      if (text.endsWith(': ')) expect(echo.on).toBe(false);
      if (text.endsWith(': ')) for (const key of left.shift() ?? '') keys.write(key);
      return true;
    },
  };
  return { terminal: { stdin, stderr } as unknown as Terminal, shown, echo, keys };
}

const options = { fromStdin: false, prompt: 'Password of ada' };

test('it is asked for twice, is not shown, and may be corrected', async () => {
  const person = terminal(['secrit\u007f\u007fet\r', 'secret\n']);
  expect(await readPassword(options, person.terminal)).toBe('secret');
  expect(person.shown.join('')).toBe('Password of ada: \nPassword of ada, again: \n');
  expect(person.echo.on).toBe(true);
});

test.each([
  { case: 'two that differ', answers: ['secret\r', 'secred\r'], error: 'the two passwords differ', code: EXIT.usage },
  { case: 'an empty one', answers: ['\r'], error: 'the password is empty', code: EXIT.usage },
  { case: 'Ctrl-C', answers: ['sec\u0003'], error: 'interrupted', code: EXIT.interrupted },
])('$case: refused, and the terminal shows again what is typed', async ({ answers, error, code }) => {
  const person = terminal(answers);
  await expect(readPassword(options, person.terminal)).rejects.toMatchObject({ message: error, exitCode: code });
  expect(person.echo.on).toBe(true);
});

test('without a terminal nobody is asked; the first line of standard input does', async () => {
  await expect(readPassword(options, terminal([], false).terminal)).rejects.toThrow('--password-stdin');
  const piped = terminal([], false);
  piped.keys.end('secret\r\nmore\n');
  expect(await readPassword({ ...options, fromStdin: true }, piped.terminal)).toBe('secret');
  const empty = terminal([], false);
  empty.keys.end('\n');
  await expect(readPassword({ ...options, fromStdin: true }, empty.terminal)).rejects.toThrow('holds no password');
});
