import { expect, test } from 'vitest';
import type { ContentField, MessageContent } from '../store/content-store.ts';
import type { Uid } from '../store/types.ts';
import { AheadContent } from './ahead-content.ts';

const KIB = 1024;
const fields = new Set<ContentField>(['size', 'raw']);
const uid = (value: number): Uid => value as Uid;
const message = (value: number, octets: number): MessageContent => ({
  uid: uid(value),
  size: octets,
  raw: Buffer.alloc(octets, value),
});
const messages = (count: number, octets: number) => Array.from({ length: count }, (_, i) => message(i + 1, octets));
const walk = (): AbortSignal => new AbortController().signal;

test('what was read ahead is there as it was read, for its walk and epoch alone', () => {
  const ahead = new AheadContent(1024 * KIB);
  const [mine, another] = [walk(), walk()];
  ahead.put(mine, messages(3, 100), 7);
  expect(ahead.take(mine, { uid: uid(2), fields, epoch: 7 })).toEqual(message(2, 100));
  expect(ahead.take(mine, { uid: uid(2), fields, epoch: 7 })).toEqual(message(2, 100));
  expect(ahead.take(mine, { uid: uid(4), fields, epoch: 7 })).toBeNull();
  expect(ahead.take(mine, { uid: uid(2), fields, epoch: 8 })).toBeNull();
  expect(ahead.take(another, { uid: uid(2), fields, epoch: 7 })).toBeNull();
  const more = new Set<ContentField>([...fields, 'envelope']);
  expect(ahead.take(mine, { uid: uid(2), fields: more, epoch: 7 })).toBeNull();
});

test('the octets of a message that is too large to be read at once may be missing, no others', () => {
  const ahead = new AheadContent(1024 * KIB);
  const mine = walk();
  ahead.put(mine, [{ uid: uid(1), size: 500 }], 1);
  expect(ahead.take(mine, { uid: uid(1), fields, rawUpTo: 400, epoch: 1 })).toEqual({ uid: 1, size: 500 });
  expect(ahead.take(mine, { uid: uid(1), fields, rawUpTo: 500, epoch: 1 })).toBeNull();
});

test('a walk is given more room with each window, as far as its messages are small', () => {
  const ahead = new AheadContent(16 * KIB * KIB);
  const mine = walk();
  expect(ahead.room(mine)).toBe(4);
  ahead.put(mine, messages(5, 100), 1);
  expect(ahead.room(mine)).toBe(10);
  ahead.put(mine, messages(30, 100), 1);
  expect(ahead.room(mine)).toBe(32);
  ahead.put(mine, messages(5, 20 * KIB), 1);
  expect(ahead.room(mine)).toBe(10);
  ahead.put(mine, messages(2, 200 * KIB), 1);
  expect(ahead.room(mine)).toBe(1);
});

test('a window holds no more than there is room for, whatever was read, but one message', () => {
  const ahead = new AheadContent(16 * KIB * KIB);
  const mine = walk();
  ahead.put(mine, messages(4, 100 * KIB), 1);
  expect(ahead.take(mine, { uid: uid(2), fields, epoch: 1 })).not.toBeNull();
  expect(ahead.take(mine, { uid: uid(3), fields, epoch: 1 })).toBeNull();
  expect(ahead.bytes).toBeLessThan(201 * KIB);
  ahead.put(mine, messages(1, 300 * KIB), 1);
  expect(ahead.take(mine, { uid: uid(1), fields, epoch: 1 })).not.toBeNull();
});

test('all windows together are bounded: that of the walk that has rested longest goes first', () => {
  const ahead = new AheadContent(800 * KIB);
  const walks = Array.from({ length: 12 }, walk);
  const has = (each: AbortSignal): boolean => ahead.take(each, { uid: uid(1), fields, epoch: 1 }) !== null;
  for (const each of walks.slice(0, 8)) ahead.put(each, messages(1, 90 * KIB), 1);
  expect(walks.slice(0, 8).every(has)).toBe(true);
  expect(has(walks[0] as AbortSignal)).toBe(true);
  for (const each of walks.slice(8)) ahead.put(each, messages(1, 90 * KIB), 1);
  expect(walks.map(has)).toEqual([true, ...Array(4).fill(false), ...Array(7).fill(true)]);
  expect(ahead.bytes).toBeLessThanOrEqual(800 * KIB);
});

test('the end of a walk drops its window, and takes no other', () => {
  const ahead = new AheadContent(1024 * KIB);
  const controller = new AbortController();
  ahead.put(controller.signal, messages(3, 1000), 1);
  expect(ahead.bytes).toBeGreaterThan(3000);
  controller.abort();
  expect(ahead.bytes).toBe(0);
  ahead.put(controller.signal, messages(3, 1000), 1);
  expect(ahead.bytes).toBe(0);
});

test('without memory nothing is read ahead', () => {
  const ahead = new AheadContent(0);
  const mine = walk();
  expect(ahead.room(mine)).toBe(0);
  ahead.put(mine, messages(1, 10), 1);
  expect(ahead.bytes).toBe(0);
});
