import { expect, test } from 'vitest';
import { socketPath } from './socket-path.ts';

const deep = `/${'a'.repeat(100)}`;

test('absolute where it fits, relative where only that fits, an error otherwise', () => {
  expect(socketPath('/state/control.sock', '/state')).toBe('/state/control.sock');
  expect(socketPath(`${deep}/control.sock`, deep)).toBe('control.sock');
  expect(() => socketPath(`${deep}/control.sock`, '/elsewhere')).toThrow('at most 103 bytes');
});
