import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { documentedPages } from './documented-pages.ts';
import { shellCommands } from './shell-commands.ts';

// Promise: what pages tell people to type after `npm run NAME --` is in the help of that program, for those that declare their
// options where they run; of the others `documented-shell.test.ts` knows more.

const ROOT = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** Programs whose first word is a command with a help of its own. */
const WITH_COMMANDS = ['cluster', 'images'];
const PROGRAMS = [...WITH_COMMANDS, 'e2e', 'demo', 'bench', 'fuzz', 'generate', 'picture'];

type Typed = {
  readonly line: string;
  readonly name: string;
  readonly command: readonly string[];
  readonly options: readonly string[];
};

function typed(): readonly Typed[] {
  const lines = documentedPages().flatMap(({ text }) => shellCommands(text).map(({ words }) => words));
  return lines.flatMap((words) => {
    const [npm, run, name = '', dashes, ...rest] = words;
    if (npm !== 'npm' || run !== 'run' || dashes !== '--' || !PROGRAMS.includes(name)) return [];
    const [first = ''] = rest;
    const command = WITH_COMMANDS.includes(name) && /^[a-z]/.test(first) ? [first] : [];
    const options = rest.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''));
    return [{ line: words.join(' '), name, command, options }];
  });
}

const helps = new Map<string, Promise<string>>();

function helpOf({ name, command }: Typed): Promise<string> {
  const words = [...(scripts[name] ?? '').split(' ').slice(1), ...command, '--help'];
  const key = words.join(' ');
  const asked = helps.get(key) ?? promisify(execFile)(process.execPath, words, { cwd: ROOT }).then((ran) => ran.stdout);
  helps.set(key, asked);
  return asked;
}

test('options and commands of the programs behind npm run', { timeout: 120_000 }, async () => {
  const wrong: string[] = [];
  for (const one of typed()) {
    const help = await helpOf(one).catch((error: Error) => error.message);
    const unknown = one.options.filter((option) => !new RegExp(`${option}\\b`).test(help));
    if (unknown.length > 0 || !help.startsWith(`Usage: ${[one.name, ...one.command].join(' ')}`))
      wrong.push(`${one.line}: ${unknown.join(', ') || help}`);
  }
  expect(wrong).toEqual([]);
  expect(helps.size).toBeGreaterThan(8);
});
