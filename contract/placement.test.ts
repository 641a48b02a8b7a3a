import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalUser, partitionOfUser, slotOf } from './placement.ts';
import { type Placement, SLOT_COUNT } from './routing-document.ts';

// These slots are where mail lies on disks. No version may ever compute another one.
const golden: readonly (readonly [user: string, canonical: string, slot: number])[] = [
  ['ada@example.org', 'ada@example.org', 478],
  ['ADA@Example.ORG', 'ada@example.org', 478],
  // e and a combining accent (NFD), and the one letter that is both (NFC)
  ['rene\u0301@example.org', 'ren\u00e9@example.org', 367],
  ['REN\u00c9@example.org', 'ren\u00e9@example.org', 367],
  ['\u9234\u6728@example.jp', '\u9234\u6728@example.jp', 906],
  ['admin', 'admin', 741],
  ['stra\u00dfe', 'stra\u00dfe', 880],
  ['STRASSE', 'strasse', 338],
  // The capital I with a dot becomes two characters, whatever the language of the machine.
  ['\u0130stanbul', 'i\u0307stanbul', 288],
];

test.each(golden)('%s is in its slot', (user, canonical, slot) => {
  expect(canonicalUser(user)).toBe(canonical);
  expect(slotOf(user)).toBe(slot);
  // As the contract words it: the first four bytes of SHA-256 over UTF-8, big-endian, modulo 1024.
  const hash = createHash('sha256').update(Buffer.from(canonical, 'utf8')).digest('hex');
  expect(Number.parseInt(hash.slice(0, 8), 16) % 1_024).toBe(slot);
});

test('users spread over all slots', () => {
  const slots = Array.from({ length: 20_000 }, (_, number) => slotOf(`user${number}@example.org`));
  expect(new Set(slots).size).toBe(SLOT_COUNT);
});

const placement: Placement = {
  users: { 'ceo@example.org': 'vault', constructor: 'vault' },
  namespaces: {},
  slots: [
    { from: 0, to: 477, partition: 'low' },
    { from: 478, to: 478, partition: 'middle' },
    { from: 700, to: 1023, partition: 'high' },
  ],
};

test.each([
  ['a rule for the user comes first', 'ceo@example.org', 'vault'],
  ['however the name is written', 'CEO@Example.org', 'vault'],
  ['both ends of a range belong to it', 'ada@example.org', 'middle'],
  ['below', 'ren\u00e9@example.org', 'low'],
  ['above', 'admin', 'high'],
  ['a name that every object knows is a name like any other', 'constructor', 'vault'],
  ['… where no rule is made for it, too', 'toString', 'low'],
])('%s', (_, user, partition) => {
  const slots = user === 'toString' ? [{ from: 0, to: 1_023, partition: 'low' }] : placement.slots;
  expect(partitionOfUser({ ...placement, slots }, user)).toBe(partition);
});

test('a slot in no range is nobody’s: no partition is guessed', () => {
  const holes = { ...placement, slots: placement.slots.filter(({ partition }) => partition !== 'middle') };
  expect(partitionOfUser(holes, 'ada@example.org')).toBeNull();
});
