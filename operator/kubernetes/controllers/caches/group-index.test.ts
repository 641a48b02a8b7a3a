import { expect, test } from 'vitest';
import { GroupIndex } from './group-index.ts';

test('a value is found by its group, moves with it, and goes', () => {
  const index = new GroupIndex<string>();
  index.put('1', 'one', 'a');
  index.put('2', 'two', 'a');
  index.put('1', 'one, changed', 'a');
  expect(index.of('a')).toEqual(['one, changed', 'two']);
  index.put('1', 'one', 'b');
  expect(index.of('a')).toEqual(['two']);
  expect(index.of('b')).toEqual(['one']);
  index.put('1', 'one', null);
  index.put('2', 'two', null);
  index.put('3', 'never', null);
  expect([index.of('a'), index.of('b')]).toEqual([[], []]);
});
