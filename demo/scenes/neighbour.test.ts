import { expect, test } from 'vitest';
import type { AppendEvent } from '../checker/history.ts';
import { neighbour } from './neighbour.ts';

const write = (begun: number, ended: number, change: Partial<AppendEvent> = {}): AppendEvent => ({
  kind: 'append',
  partition: 'b',
  user: 'ann@example.org',
  mailbox: 'INBOX',
  client: 'c1',
  begun,
  ended,
  outcome: 'ok',
  hash: `${begun}`,
  uid: begun,
  uidValidity: 1,
  ...change,
});

test('only what began and ended meanwhile, acknowledged, is proof; the slowest counts wherever it began', () => {
  const history = [
    write(10, 90),
    write(95, 130),
    write(110, 115),
    write(120, 140, { outcome: 'unknown' }),
    write(120, 140, { partition: 'a' }),
    write(190, 290),
    write(210, 900),
  ];
  expect(neighbour(history, 'b', { from: 100, until: 200 })).toEqual({ outageMs: 100, writes: 1, slowestMs: 100 });
});

test('who waits for the other one writes nothing meanwhile', () => {
  expect(neighbour([write(101, 201)], 'b', { from: 100, until: 200 })).toMatchObject({ writes: 0, slowestMs: 100 });
});
