import { expect, test } from 'vitest';
import type { AppendEvent, ByeEvent, HistoryEvent, ObservationEvent, SessionEvent } from '#demo/checker/history.ts';
import { checkFarewells, type Farewells } from './farewells.ts';

const words = 'The server is going down, please connect again';
const bye = (at: number, change: Partial<ByeEvent> = {}): ByeEvent => ({
  kind: 'bye',
  client: 'c1',
  at,
  words,
  open: null,
  ...change,
});
const closed = (at: number): SessionEvent => ({
  kind: 'session',
  client: 'c1',
  at,
  what: 'closed by server',
  port: 1,
});
const inbox = { partition: 'q', user: 'ann@example.org', mailbox: 'INBOX', client: 'c1' };
const append: AppendEvent = {
  kind: 'append',
  ...inbox,
  begun: 990,
  ended: 1_001,
  outcome: 'unknown',
  hash: 'hash',
  uid: null,
  uidValidity: null,
};
const look = (hash: string): ObservationEvent => ({
  kind: 'observation',
  ...inbox,
  begun: 2_000,
  ended: 2_001,
  uidValidity: 1,
  uidNext: 2,
  highestModSeq: 1,
  messages: [{ uid: 1, hash, flags: [], modSeq: 1 }],
  whole: true,
});
const crossed = bye(1_000, { open: { name: 'APPEND', at: 995, heard: false } });

const leaves: Farewells = { since: new Map([['c1', 900]]), words };
const stays: Farewells = { since: new Map(), words };

test.each<readonly [what: string, farewells: Farewells, history: readonly HistoryEvent[]]>([
  ['BYE between two commands, then the end', leaves, [bye(1_000), closed(1_001)]],
  ['a session that stays', stays, []],
  [
    'an old command that crossed it, where all take so long',
    leaves,
    [
      { kind: 'request', id: 1, client: 'c2', name: 'NOOP', at: 300 },
      { kind: 'answer', id: 1, at: 950 },
      bye(1_000, { open: { name: 'FETCH', at: 400, heard: false } }),
      closed(1_001),
    ],
  ],
  ['a command that crossed it', leaves, [crossed, append, closed(1_001), look('another')]],
])('as promised: %s', (_what, farewells, history) => {
  expect(checkFarewells(history, farewells)).toEqual([]);
});

type Broken = readonly [farewells: Farewells, history: readonly HistoryEvent[], found: RegExp];

test.each<Broken>([
  [leaves, [closed(1_000)], /not told BYE/],
  [leaves, [closed(999), bye(1_000)], /closed before/],
  [leaves, [bye(1_000)], /not closed/],
  [leaves, [bye(1_000), bye(1_001), closed(1_002)], /2 times/],
  [leaves, [bye(1_000, { words: 'So long' }), closed(1_001)], /"So long"/],
  [leaves, [bye(800), closed(801)], /100 ms before/],
  [stays, [bye(1_000), closed(1_001)], /nothing was to end it/],
  [
    leaves,
    [bye(1_000, { open: { name: 'FETCH', at: 400, heard: false } }), closed(1_001)],
    /middle of FETCH, sent 600 ms ago, that was not answered/,
  ],
  [
    leaves,
    [bye(1_000, { open: { name: 'FETCH', at: 999, heard: true } }), closed(1_001)],
    /middle of FETCH, sent 1 ms ago, that was being answered/,
  ],
  [leaves, [crossed, append, closed(1_001), look('hash')], /an APPEND that was done/],
])('%#: broken', (farewells, history, found) => {
  expect(checkFarewells(history, farewells)).toEqual([expect.stringMatching(found)]);
});
