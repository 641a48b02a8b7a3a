import { expect, test } from 'vitest';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { vanishedLines } from './vanished-lines.ts';

test('a response for what vanished, of both kinds, and none for nothing', () => {
  const uids = IdSet.of([405, 407, 410, 411, 412]);
  expect([...vanishedLines(uids, false)]).toEqual(['* VANISHED 405,407,410:412\r\n']);
  expect([...vanishedLines(uids, true)]).toEqual(['* VANISHED (EARLIER) 405,407,410:412\r\n']);
  expect([...vanishedLines(IdSet.EMPTY, true)]).toEqual([]);
});

test('a set of very many ranges comes in lines that clients can take, and loses nothing', () => {
  const uids = Array.from({ length: 20_000 }, (_, n) => 2 * n + 1);
  const lines = [...vanishedLines(IdSet.of(uids), false)];
  expect(lines.length).toBeGreaterThan(10);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(8192);
  const told = lines.flatMap((line) => line.replace('* VANISHED ', '').trim().split(',').map(Number));
  expect(told).toEqual(uids);
});
