import { expect, test } from 'vitest';
import { LogTail } from './log-tail.ts';
import { restartDelay } from './restart-delay.ts';

test('the tail keeps the last lines, cuts chunks into lines and bounds a line', () => {
  const heard: string[] = [];
  const tail = new LogTail(2, (line) => heard.push(line));
  tail.push('one\ntw');
  tail.push('o\nthree\nfou');
  expect(heard).toEqual(['one', 'two', 'three']);
  expect(tail.lines).toEqual(['two', 'three', 'fou']);
  tail.push(`${'x'.repeat(5000)}\n`);
  expect(tail.lines.at(-1)).toHaveLength(2000);
});

test('a replica comes back at once, then ever later; a primary is left to the operator for a while', () => {
  const policy = { primaryAfterMs: 5000, replicaAfterMs: 100, maximumMs: 1000 };
  expect([0, 1, 2, 3, 4, 100].map((failures) => restartDelay(policy, 'replica', failures))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect([0, 5].map((failures) => restartDelay(policy, 'primary', failures))).toEqual([5000, 5000]);
});
