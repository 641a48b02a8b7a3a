import { expect, test } from 'vitest';
import { prettyLine } from './pretty-line.ts';

const line = { level: 30, time: 1, pid: 7, program: 'imapd', pod: 'imapd-1', code: 'WriterBack', msg: 'Back.' };

test.each([
  ['a process', line, 'imapd-1: Back. code=WriterBack'],
  [
    'about a partition',
    { ...line, partition: 'a', writer: 'a-1', signal: null },
    'imapd-1 a: Back. code=WriterBack writer=a-1',
  ],
  [
    'an agent names its member alone',
    { program: 'member', partition: 'a', member: 'a-0', msg: 'Up.', port: 5 },
    'member a-0: Up. port=5',
  ],
  [
    'last words, a stack and advice have lines of their own',
    { program: 'x', msg: 'No.', lastLog: ['FATAL: a', 'LOG: b'], error: 'Error\n  at b', todo: 'Mend it.' },
    'x: No.\n    lastLog:\n      FATAL: a\n      LOG: b\n    error:\n      Error\n        at b\n    → Mend it.',
  ],
])('%s', (_, given, expected) => {
  expect(prettyLine(given, false)).toBe(expected);
});

test('on a terminal the details stand back', () => {
  expect(prettyLine(line, true)).toBe('imapd-1: Back. \u001b[2mcode=WriterBack\u001b[22m');
});
