import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandComplaint } from './command-complaint.ts';
import { shellCommands, shellWords } from './shell-commands.ts';

test('the commands of a page: of blocks and of spans, without comments and output', () => {
  const page = [
    'Say `imapctl status` or `--watch`:',
    '',
    '```',
    'npm ci   # all of it',
    'echo "$PASSWORD" | imapctl user passwd ada --password-stdin',
    'helm install a b \\',
    '  --set c=d',
    '```',
    '',
    '```yaml',
    'kind: `no command`',
    '```',
    '',
    '```console',
    '$ imapctl status',
    '```',
  ].join('\n');
  expect(shellCommands(page)).toEqual([
    { words: ['npm', 'ci'], whole: true },
    { words: ['echo', '$PASSWORD'], whole: true },
    { words: ['imapctl', 'user', 'passwd', 'ada', '--password-stdin'], whole: true },
    { words: ['helm', 'install', 'a', 'b', '--set', 'c=d'], whole: true },
    { words: ['imapctl', 'status'], whole: true },
    { words: ['imapctl', 'status'], whole: false },
    { words: ['--watch'], whole: false },
  ]);
});

test.each([
  { line: `a "b c" 'd e' f="g h"`, words: ['a', 'b c', 'd e', 'f=g h'] },
  { line: 'for i in *; do x; done', words: ['for', 'i', 'in', '*', ';', 'do', 'x', ';', 'done'] },
])('$line', ({ line, words }) => {
  expect(shellWords(line)).toEqual(words);
});

const program = (): Command => {
  const made = new Command('tool').option('-n, --namespace <name>');
  made.command('list').option('--watch');
  made.command('move').argument('<what>').argument('[where]').requiredOption('--as <user>');
  made.command('take').option('--file <file...>');
  return made;
};

test.each([
  { line: 'list', complaint: null },
  { line: '-n x list --watch', complaint: null },
  { line: 'list --namespace=x', complaint: null },
  { line: 'list --help more', complaint: null },
  { line: 'take --file a b c', complaint: null },
  { line: 'move a b --as me', complaint: null },
  { line: 'lst', complaint: 'tool has no command lst' },
  { line: 'list --wtch', complaint: 'list has no --wtch' },
  { line: 'move --as me', complaint: 'move takes other arguments than 0' },
  { line: 'move a b c --as me', complaint: 'move takes other arguments than 3' },
  { line: 'move a', complaint: 'move lacks --as' },
  { line: '-n x', complaint: 'tool lacks a command' },
])('$line: $complaint', ({ line, complaint }) => {
  expect(commandComplaint(program(), { words: shellWords(line), whole: true })).toBe(complaint);
});

test('what is merely mentioned need not be whole', () => {
  expect(commandComplaint(program(), { words: ['move'], whole: false })).toBeNull();
  expect(commandComplaint(program(), { words: ['move', '--to'], whole: false })).toBe('move has no --to');
});
