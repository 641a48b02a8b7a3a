import { expect, test } from 'vitest';
import { OpensAtStart } from './opens-at-start.ts';

type Seen = Parameters<OpensAtStart['note']>[0];

const seen = (of: Partial<Seen>): Seen => ({
  life: 'first',
  adopted: true,
  isAsStarted: false,
  isReadOnly: false,
  ...of,
});
const open = seen({ isAsStarted: true });
const shut = seen({ isAsStarted: true, isReadOnly: true });

test.each<[string, readonly Seen[], boolean]>([
  ['started open', [open], true],
  ['started shut', [shut], false],
  ['started shut, and opened by a grant', [shut, seen({})], false],
  ['started open, and opened by a grant all the same', [open, seen({})], true],
  ['started open, and opened by its owner before it is taken over', [open, seen({ adopted: false })], false],
  ['set by somebody before anybody looked', [seen({})], false],
  ['started open, and again, shut', [open, seen({ life: 'second', isAsStarted: true, isReadOnly: true })], false],
  ['started open, and again, and set before anybody looked', [open, seen({ life: 'second' })], false],
])('%s', (_, looks, expected) => {
  const opens = new OpensAtStart();
  expect(looks.map((look) => opens.note(look)).at(-1)).toBe(expected);
});
