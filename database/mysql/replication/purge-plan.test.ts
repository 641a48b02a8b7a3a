import { expect, test } from 'vitest';
import { firstToKeep, type LogFile } from './purge-plan.ts';

const file = (name: string, begin: string | null): LogFile => ({ name, bytes: 100, begin });
const files = [file('a', ''), file('b', '1-1-10'), file('c', '1-1-20'), file('d', '1-1-30')];

type Case = {
  readonly received: readonly (string | null)[];
  readonly retainBytes?: number;
  readonly first: string | null;
};

test.each<[string, Case]>([
  ['all have everything: the one that is written stays', { received: ['1-1-35', '1-1-30'], first: 'd' }],
  ['nobody needs any', { received: [], first: 'd' }],
  ['the last one behind counts', { received: ['1-1-35', '1-1-25'], first: 'c' }],
  ['one in the middle of a file needs all of it', { received: ['1-1-29'], first: 'c' }],
  ['one who has nothing', { received: [''], first: null }],
  ['one who is not known', { received: ['1-1-35', null], first: null }],
  ['as much as may be kept, whoever is not known', { received: [null], retainBytes: 150, first: 'c' }],
  ['nothing at all may be kept but what is written', { received: [null], retainBytes: 0, first: 'd' }],
  ['just as much as there is', { received: [null], retainBytes: 300, first: null }],
])('%s', (_, { received, retainBytes = 1000, first }) => {
  expect(firstToKeep(files, { received, retainBytes })).toBe(first);
});

test('a file whose beginning is not known is never the first', () => {
  const unknown = [file('a', ''), file('b', '1-1-10'), file('c', null)];
  expect(firstToKeep(unknown, { received: ['1-1-99'], retainBytes: 1000 })).toBe('b');
});
