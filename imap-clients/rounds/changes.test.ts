import { expect, test } from 'vitest';
import { asLines, type Contents } from '../stores/mail-store.ts';
import { after, type Change, someChanges } from './changes.ts';

const digest = (raw: Buffer): string => raw.toString();
const mail = (name: string, ...flags: readonly string[]) => ({ raw: Buffer.from(name), flags });
const before: Contents = new Map([
  ['INBOX', ['a', 'b', 'c'].map((name) => ({ digest: name, flags: [] }))],
  ['Sent', [{ digest: 's', flags: ['\\seen'] }]],
]);

test.each<[Change, readonly string[]]>([
  [
    { kind: 'add', mailbox: 'New', messages: [mail('n', '\\Seen')] },
    ['INBOX a', 'INBOX b', 'INBOX c', 'New n \\seen', 'Sent s \\seen'],
  ],
  [
    { kind: 'flag', mailbox: 'INBOX', digests: ['b'], flag: '\\Flagged' },
    ['INBOX a', 'INBOX b \\flagged', 'INBOX c', 'Sent s \\seen'],
  ],
  [{ kind: 'move', digests: ['a'], from: 'INBOX', to: 'Sent' }, ['INBOX b', 'INBOX c', 'Sent a', 'Sent s \\seen']],
  [{ kind: 'remove', mailbox: 'INBOX', digests: ['a', 'c'] }, ['INBOX b', 'Sent s \\seen']],
])('%j', (change, lines) => {
  expect(asLines(after(before, [change], digest))).toEqual(lines);
});

test('two sides never touch the same message', () => {
  const many: Contents = new Map([
    ['INBOX', Array.from({ length: 200 }, (_, n) => ({ digest: String(n), flags: [] }))],
  ]);
  const [one, two] = ([0, 1] as const).map((share) =>
    someChanges(many, [], share).flatMap((change) => ('digests' in change ? change.digests : [])),
  ) as [string[], string[]];
  expect(one.length).toBeGreaterThan(15);
  expect(one.filter((name) => two.includes(name))).toEqual([]);
});
