import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '#cli/program.ts';
import { createCommandLine } from '#standalone/command-line.ts';
import { commandComplaint } from './command-complaint.ts';
import { documentedPages } from './documented-pages.ts';
import { type ShellCommand, shellCommands } from './shell-commands.ts';

// Promise: what a page tells people to type is a command that there is, with options that it has, about files that are there.
// Nothing is run: programs of ours are asked for what they declare.

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const values: unknown = parse(read('charts/imapcluster/values.yaml'));

const commands = documentedPages().flatMap(({ path, text }) =>
  shellCommands(text).map((command) => ({ path, line: command.words.join(' '), ...command })),
);

/** What follows the given words; null where the command begins otherwise. */
function after(prefix: string, { words, whole }: ShellCommand): ShellCommand | null {
  const start = prefix.split(' ');
  return start.every((word, index) => words[index] === word) ? { words: words.slice(start.length), whole } : null;
}

function complaintOf(command: ShellCommand): string | null {
  const imapctl = after('npx imapctl', command) ?? after('imapctl', command);
  if (imapctl !== null) return commandComplaint(createProgram(), imapctl);
  const plugin = after('kubectl imap', command);
  if (plugin !== null) return commandComplaint(createProgram('kubectl-imap'), plugin);
  const standalone = after('npm run standalone --', command);
  if (standalone !== null) return commandComplaint(createCommandLine(), standalone);
  return null;
}

test('commands of imapctl, kubectl imap and standalone', () => {
  const wrong = commands.map((command) => ({ ...command, complaint: complaintOf(command) }));
  const told = wrong.filter(({ complaint }) => complaint !== null);
  expect(told.map(({ path, line, complaint }) => `${path}: ${line}: ${complaint}`)).toEqual([]);
  expect(commands.filter((command) => after('kubectl imap', command) !== null).length).toBeGreaterThan(20);
});

test('scripts of npm', () => {
  const named = commands.flatMap(({ path, words: [npm, run, name] }) =>
    npm === 'npm' && run === 'run' && name !== undefined && /^[a-z]/.test(name) ? [{ path, name }] : [],
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => scripts[name] === undefined)).toEqual([]);
});

test('projects of vitest', () => {
  const projects = new Set([...read('vitest.config.ts').matchAll(/\bname: '([\w-]+)'/g)].map(([, name]) => name));
  const named = commands.flatMap(({ path, words }) => {
    const at = words.indexOf('--project');
    return at < 0 || !words.includes('vitest') ? [] : [{ path, name: words[at + 1] }];
  });
  expect(named.filter(({ name }) => !projects.has(name))).toEqual([]);
});

function hasValue(path: string): boolean {
  const found = path.split('.').reduce<unknown>((inside, key) => {
    const isMap = typeof inside === 'object' && inside !== null && key in inside;
    return isMap ? (inside as Readonly<Record<string, unknown>>)[key] : undefined;
  }, values);
  return found !== undefined;
}

test('values of the chart that helm sets', () => {
  const set = commands.flatMap(({ path, words }) =>
    words.flatMap((word, index) => {
      const [key = ''] = (words[index + 1] ?? '').split('=');
      return words[0] === 'helm' && word === '--set' ? [{ path, key }] : [];
    }),
  );
  expect(set.length).toBeGreaterThan(2);
  expect(set.filter(({ key }) => !hasValue(key))).toEqual([]);
});

/** Of the repository, and no `NAME` to be filled in. */
const OURS = /^(?:charts|deploy|e2e|standalone|crds)(?:\/(?!NAME)[\w.-]+)+$/;

test('files and folders of the repository', () => {
  const named = commands.flatMap(({ path, words }) => words.map((word) => ({ path, word })));
  const ours = named.filter(({ word }) => OURS.test(word));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter(({ word }) => !existsSync(join(root, word)))).toEqual([]);
});
