import { expect, test } from 'vitest';
import { slowestFiles } from './slowest-files.ts';

test('the slowest twenty are told, the slowest first, and what all took', () => {
  const files = Array.from({ length: 25 }, (_, i) => ({ project: 'unit', path: `${i}.test.ts`, ms: 100 * i }));
  const [head, ...lines] = slowestFiles(files).trimEnd().split('\n');
  expect(head).toBe('the slowest of 25 test files, which took 30.0 s in all workers together:');
  expect(lines).toHaveLength(20);
  expect(lines[0]).toBe('   2.4 s  unit  24.test.ts');
  expect(lines.at(-1)).toBe('   0.5 s  unit  5.test.ts');
});
