import { describe, expect, test } from 'vitest';
import type {
  AppendEvent,
  CachedMessage,
  CacheEvent,
  ExpungeEvent,
  FlagsEvent,
  HistoryEvent,
  ObservationEvent,
  ObservedMessage,
} from './history.ts';
import { holds, type InvariantId, type Rules } from './invariant.ts';
import { judge } from './verdict.ts';

const rules: Rules = { durability: { q: 'Quorum', a: 'Async' }, maxLostSeconds: { a: 5 }, answerWithinMs: 15_000 };
const inbox = (partition: string) => ({ partition, user: 'ann@example.org', mailbox: 'INBOX' });

const append = (uid: number, at: number, change: Partial<AppendEvent> = {}): AppendEvent => ({
  kind: 'append',
  ...inbox('q'),
  client: 'c1',
  begun: at,
  ended: at + 5,
  outcome: 'ok',
  hash: `hash-${uid}`,
  uid,
  uidValidity: 1,
  ...change,
});
const flags = (uid: number, at: number, change: Partial<FlagsEvent> = {}): FlagsEvent => ({
  kind: 'flags',
  ...inbox('q'),
  client: 'c1',
  begun: at,
  ended: at + 5,
  outcome: 'ok',
  uid,
  flag: '\\Flagged',
  set: true,
  ...change,
});
const expunge = (uid: number, at: number): ExpungeEvent => ({
  kind: 'expunge',
  ...inbox('q'),
  client: 'c1',
  begun: at,
  ended: at + 5,
  outcome: 'ok',
  uid,
});
const message = (uid: number, change: Partial<ObservedMessage> = {}): ObservedMessage => ({
  uid,
  hash: `hash-${uid}`,
  flags: [],
  modSeq: uid,
  ...change,
});
const look = (
  at: number,
  messages: readonly ObservedMessage[],
  change: Partial<ObservationEvent> = {},
): ObservationEvent => ({
  kind: 'observation',
  ...inbox('q'),
  client: 'c2',
  begun: at,
  ended: at + 5,
  uidValidity: 1,
  uidNext: null,
  highestModSeq: null,
  messages,
  whole: true,
  ...change,
});

const finding = (history: readonly HistoryEvent[], id: InvariantId) => {
  const found = judge(history, rules).find((f) => f.invariant === id);
  if (found === undefined) throw new Error(`no finding ${id}`);
  return found;
};
const violations = (history: readonly HistoryEvent[], id: InvariantId) => finding(history, id).violations;

describe('I1: acknowledged is kept', () => {
  test('a history in which all is well', () => {
    const history = [
      append(1, 0),
      append(2, 10),
      flags(1, 20),
      look(100, [message(1, { flags: ['\\Flagged'] }), message(2)]),
    ];
    expect(finding(history, 'I1')).toMatchObject({ examined: 3, violations: [] });
  });
  test('an OK sent too early: the message is not there', () => {
    expect(violations([append(1, 0), append(2, 10), look(100, [message(1)])], 'I1')).toEqual([
      'q/ann@example.org/INBOX: message hash-2 was acknowledged as UID 2 and is gone',
    ]);
  });
  test('the right UID with other content does not pass', () => {
    expect(violations([append(1, 0), look(100, [message(1, { hash: 'other' })])], 'I1')).toHaveLength(1);
  });
  test('lost and brought back by salvage under another UID is another message', () => {
    const back = look(100, [message(1), message(1_000_003, { hash: 'hash-2', flags: ['$Salvaged'] })]);
    expect(violations([append(1, 0), append(2, 10), back], 'I1')).toEqual([
      'q/ann@example.org/INBOX: message hash-2 was acknowledged as UID 2 and is UID 1000003 of UIDVALIDITY 1 instead',
    ]);
  });
  test('the same UID of another UIDVALIDITY is another message', () => {
    expect(violations([append(1, 0), look(100, [message(1)], { uidValidity: 2 })], 'I1')).toHaveLength(1);
  });
  test('gone for a while and back as it was: the look in between counts', () => {
    const history = [append(1, 0), append(2, 10), look(100, [message(1)]), look(200, [message(1), message(2)])];
    expect(violations(history, 'I1')).toEqual([
      'q/ann@example.org/INBOX: message hash-2 was acknowledged as UID 2 and is gone',
    ]);
  });
  test('a look at a part of the mailbox misses nothing', () => {
    const part = look(100, [], { whole: false });
    expect(violations([append(1, 0), part, look(200, [message(1)])], 'I1')).toEqual([]);
  });
  test('an expunge that was asked for during the look may have taken the message, one asked for later may not', () => {
    const asked = { ...expunge(1, 103), outcome: 'unknown' as const };
    expect(violations([append(1, 0), look(100, []), asked], 'I1')).toEqual([]);
    expect(violations([append(1, 0), look(100, []), expunge(1, 150), look(200, [])], 'I1')).toEqual([
      'q/ann@example.org/INBOX: message hash-1 was acknowledged as UID 1 and is gone',
    ]);
  });
  test('a look that began before the acknowledgement proves nothing', () => {
    expect(violations([append(1, 50), look(52, [message(1)])], 'I1')[0]).toContain('nobody looked');
  });
  test('an append of unknown outcome may be there or not', () => {
    const history = [append(1, 0, { outcome: 'unknown', uid: null }), append(2, 10)];
    expect(violations([...history, look(100, [message(2)])], 'I1')).toEqual([]);
    expect(violations([...history, look(100, [message(1), message(2)])], 'I1')).toEqual([]);
  });
  test('a flag that went back', () => {
    expect(violations([append(1, 0), flags(1, 20), look(100, [message(1)])], 'I1')[0]).toContain(
      'acknowledged as set, found otherwise',
    );
  });
  test('a flag whose message is gone', () => {
    expect(violations([flags(1, 20), look(100, [])], 'I1')).toEqual([
      'q/ann@example.org/INBOX 1 \\Flagged: acknowledged as set, its message is gone',
    ]);
    expect(violations([flags(1, 20), expunge(1, 40), look(100, [])], 'I1')).toEqual([]);
  });
  test('a flag that was lost for a while, and one that was changed between two looks', () => {
    const flagged = message(1, { flags: ['\\Flagged'] });
    expect(violations([flags(1, 20), look(100, [message(1)]), look(200, [flagged])], 'I1')[0]).toContain(
      'acknowledged as set, found otherwise',
    );
    const changed = [look(100, [message(1)]), flags(1, 120), look(200, [flagged])];
    expect(violations([flags(1, 20, { set: false }), ...changed], 'I1')).toEqual([]);
  });
  test('after an unfinished contrary write either value is right', () => {
    const unknown = flags(1, 40, { outcome: 'unknown', set: false });
    expect(violations([append(1, 0), flags(1, 20), unknown, look(100, [message(1)])], 'I1')).toEqual([]);
  });
  test('an expunged message that is back', () => {
    expect(violations([append(1, 0), expunge(1, 20), look(100, [message(1)])], 'I1')[0]).toContain('is back');
    expect(violations([append(1, 0), expunge(1, 20), look(100, [])], 'I1')).toEqual([]);
  });
});

describe('I2: what Async may lose', () => {
  const a = inbox('a');
  const fault: HistoryEvent = { kind: 'fault', at: 3_000, until: 3_100, partition: 'a', what: 'kill -9' };
  const base = [append(1, 0, a), append(2, 2_000, a), fault];
  test('lost within the bound and salvaged under a new UID', () => {
    const salvaged = look(9_000, [message(1), message(1_000_003, { hash: 'hash-2' })], a);
    expect(finding([...base, look(5_000, [message(1)], a), salvaged], 'I2')).toMatchObject({
      examined: 2,
      violations: [],
    });
  });
  test('lost, although it was acknowledged when the fault was over', () => {
    const history = [...base, append(3, 3_050, a), append(4, 3_200, a), look(5_000, [message(1), message(2)], a)];
    const salvaged = look(
      9_000,
      [1, 2, 3, 4].map((uid) => message(uid)),
      a,
    );
    expect(violations([...history, salvaged], 'I2')).toEqual([
      'a/ann@example.org/INBOX: UID 4 was lost, older than the bound',
    ]);
  });
  test('lost and never back', () => {
    expect(violations([...base, look(5_000, [message(1)], a)], 'I2')[0]).toContain('never came back');
  });
  test('what a client removed is not missed', () => {
    expect(violations([...base, { ...expunge(2, 2_500), ...a }, look(5_000, [message(1)], a)], 'I2')).toEqual([]);
  });
  test('lost although it was older than the bound', () => {
    const late: HistoryEvent = { ...fault, at: 20_000, until: 20_100 };
    const history = [append(1, 0, a), late, look(21_000, [], a), look(30_000, [message(7, { hash: 'hash-1' })], a)];
    expect(violations(history, 'I2')).toEqual(['a/ann@example.org/INBOX: UID 1 was lost, older than the bound']);
  });
});

describe('I3: one writer', () => {
  test('overlapping appends may get their UIDs in either order', () => {
    expect(violations([append(2, 0, { ended: 20 }), append(1, 10)], 'I3')).toEqual([]);
  });
  test('a primary that goes on in the past', () => {
    expect(violations([append(1_000_001, 0), append(7, 10)], 'I3')).toEqual([
      'q/ann@example.org/INBOX: UID 7 was given after UID 1000001 had been acknowledged',
    ]);
  });
});

test('I4: an epoch that goes back', () => {
  const belief = (at: number, epoch: number): HistoryEvent => ({
    kind: 'belief',
    at,
    pod: 'imapd-0',
    partition: 'q',
    epoch,
  });
  expect(violations([belief(1, 1), belief(2, 3), belief(3, 3)], 'I4')).toEqual([]);
  expect(violations([belief(1, 3), belief(2, 2)], 'I4')).toEqual(['imapd-0 q: epoch 2 after epoch 3']);
});

describe('I5: identifiers', () => {
  test('one UID for two messages, seen in two answers', () => {
    expect(violations([append(5, 0), append(5, 10, { hash: 'other' })], 'I5')[0]).toContain(
      'UID 5: named two messages',
    );
  });
  test('one UID for two messages, seen in a listing', () => {
    expect(violations([append(5, 0), look(20, [message(5, { hash: 'other' })])], 'I5')).toHaveLength(1);
  });
  test('UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ and MODSEQ', () => {
    const first = look(0, [message(1, { modSeq: 9 })], { uidNext: 10, highestModSeq: 9 });
    expect(violations([first, look(10, [], { uidValidity: 2 })], 'I5')[0]).toContain('UIDVALIDITY changed: 1, 2');
    expect(violations([first, look(10, [], { uidNext: 9 })], 'I5')[0]).toContain('uidNext went back from 10 to 9');
    expect(violations([first, look(10, [], { highestModSeq: 8 })], 'I5')[0]).toContain('highestModSeq went back');
    expect(violations([first, look(10, [message(1, { modSeq: 8 })])], 'I5')[0]).toContain('MODSEQ of UID 1 went back');
  });
  test('observations that overlap may tell either order', () => {
    expect(violations([look(0, [], { uidNext: 10 }), look(3, [], { uidNext: 9 })], 'I5')).toEqual([]);
  });
});

test('I6: a session closed by the server, and one that quietly connected anew', () => {
  const session = (
    client: string,
    what: 'opened' | 'closed by server' | 'closed by client',
    port: number,
  ): HistoryEvent => ({
    kind: 'session',
    client,
    at: 1,
    what,
    port,
  });
  expect(violations([session('c1', 'opened', 1), session('c1', 'closed by client', 1)], 'I6')).toEqual([]);
  expect(violations([session('c1', 'opened', 1), session('c1', 'closed by server', 1)], 'I6')).toHaveLength(1);
  expect(violations([session('c1', 'opened', 1), session('c1', 'opened', 2)], 'I6')).toEqual(['c1: connected 2 times']);
});

describe('I7: answers', () => {
  const asked = (id: number, at: number): HistoryEvent => ({ kind: 'request', id, client: 'c1', name: 'APPEND', at });
  const answered = (id: number, at: number): HistoryEvent => ({ kind: 'answer', id, at });
  test('in time', () => {
    expect(finding([asked(1, 0), asked(2, 1), answered(2, 5), answered(1, 15_000)], 'I7')).toMatchObject({
      examined: 2,
      violations: [],
    });
  });
  test('too late', () => {
    expect(violations([asked(1, 0), answered(1, 15_001)], 'I7')).toEqual(['c1: APPEND took 15001 ms']);
  });
  test('never, however little time it had', () => {
    expect(violations([asked(1, 0), answered(1, 5), asked(2, 10)], 'I7')).toEqual(['c1: APPEND was never answered']);
  });
});

describe("cache: what clients made of the server's words", () => {
  const cache = (messages: readonly CachedMessage[], change: Partial<CacheEvent> = {}): CacheEvent => ({
    kind: 'cache',
    ...inbox('q'),
    client: 'c3',
    at: 200,
    messages,
    expunged: [],
    expungedUnseen: 0,
    toldInIdle: null,
    ...change,
  });
  const known = (uid: number | null, flags: readonly string[] = []): CachedMessage => ({ uid, flags });
  const there = look(100, [message(1, { flags: ['\\Flagged'] }), message(2), message(4)]);
  const right = [known(1, ['\\Flagged', '\\Recent']), known(2), known(4)];

  test('equal, \\Recent aside', () => {
    expect(finding([there, cache(right), cache(right, { toldInIdle: 3 })], 'cache')).toMatchObject({
      examined: 2,
      violations: [],
    });
  });
  test.each<[string, CacheEvent]>([
    ['knows nothing of UID 4', cache(right.slice(0, 2))],
    ['shows UID 5, which is not there', cache([...right, known(5)])],
    ['has its messages in another order', cache(right.toReversed())],
    ['shows UID 1 with flags () in place of (\\Flagged)', cache([known(1), ...right.slice(1)])],
    ['counts 4 messages and has UIDs of 3', cache([...right, known(null)])],
    ['had been told of 2 messages in IDLE, of 3', cache(right, { toldInIdle: 2 })],
  ])('%s', (what, event) => {
    expect(violations([there, event], 'cache')).toEqual([`c3: ${what}`]);
  });
  test('a cache of a mailbox that nobody looked at is no proof', () => {
    expect(violations([cache(right)], 'cache')).toEqual(['c3: nobody looked at the mailbox itself']);
  });
  test('a message whose expunge was lost may stay hidden from who had it told', () => {
    expect(violations([there, cache(right.slice(0, 2), { expunged: [4] })], 'cache')).toEqual([]);
  });
  test('told as expunged before its UID was known: only where a client had asked for that', () => {
    const lacking = cache(right.slice(0, 2), { expungedUnseen: 1 });
    expect(violations([expunge(4, 50), there, lacking], 'cache')).toEqual([]);
    expect(violations([there, lacking], 'cache')).toEqual(['c3: knows nothing of UID 4']);
    const two = cache(right.slice(0, 1), { expungedUnseen: 1 });
    expect(violations([expunge(2, 50), expunge(4, 50), there, two], 'cache')).toEqual(['c3: knows nothing of UID 4']);
  });
});

test('no evidence is no proof', () => {
  for (const empty of judge([], rules)) expect(holds(empty)).toBe(false);
});
