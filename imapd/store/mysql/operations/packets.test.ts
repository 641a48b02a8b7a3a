import { expect, test } from 'vitest';
import type { Statement, Value } from '../connection.ts';
import { packets } from './packets.ts';

const KiB = 1024;
const of = (name: string, ...values: readonly Value[]): Statement => ({ name, text: 'SELECT ?', values });
const names = (statements: readonly Statement[]): readonly string[] =>
  packets(statements).map(
    (packet) => packet.statements.map(({ name }) => name).join(' ') + (packet.prepared ? '!' : ''),
  );

test('what is small goes together', () => {
  const some = Array.from({ length: 30 }, (_, i) => of(`s${i}`, Buffer.alloc(30 * KiB)));
  expect(packets(some)).toEqual([{ statements: some, prepared: false }]);
  expect(packets([])).toEqual([]);
});

test('large octets go as they are, alone, in their place', () => {
  expect(names([of('a'), of('b', Buffer.alloc(65 * KiB)), of('c'), of('d')])).toEqual(['a', 'b!', 'c d']);
  expect(names([of('a', Buffer.alloc(100 * KiB)), of('b', Buffer.alloc(100 * KiB))])).toEqual(['a!', 'b!']);
});

test('a packet is no longer than every server takes', () => {
  const some = Array.from({ length: 100 }, (_, i) => of(`s${i}`, Buffer.alloc(60 * KiB)));
  const all = packets(some);
  expect(all.flatMap(({ statements }) => statements)).toEqual(some);
  for (const { statements } of all) expect(statements.length * 2 * 60 * KiB).toBeLessThan(4 * KiB * KiB);
  expect(all.length).toBeLessThan(8);
});

test('lists and texts count too', () => {
  const list = of('list', [Buffer.alloc(900 * KiB)]);
  const text = of('text', 'é'.repeat(500 * KiB));
  expect(names([list, text, list])).toEqual(['list', 'text', 'list']);
});
