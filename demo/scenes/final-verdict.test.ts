import { expect, test } from 'vitest';
import type { HistoryEvent } from '../checker/history.ts';
import type { Rules } from '../checker/invariant.ts';
import { createRecorder } from '../clients/recorder.ts';
import { createNarrator } from '../terminal/narrator.ts';
import { finalVerdict } from './final-verdict.ts';
import type { Shown } from './promises.ts';

const rules: Rules = { durability: { q: 'Quorum', a: 'Async' }, maxLostSeconds: { a: 5 }, answerWithinMs: 15_000 };
const shown: Shown = {
  reads: { chunks: 20, chunksOfReplicas: 20, bytes: 1, bytesOfReplicas: 1 },
  neighbour: { outageMs: 400, writes: 1, slowestMs: 20 },
  salvage: { tail: 25, lost: 25, salvaged: 25, unasked: 0, oldUids: 0, lossWindowSeconds: 1, rejoined: true },
};

const inbox = (partition: string) => ({ partition, user: 'ann@example.org', mailbox: 'INBOX', client: 'c1' });
const append = (partition: string): HistoryEvent => ({
  kind: 'append',
  ...inbox(partition),
  begun: 1,
  ended: 2,
  outcome: 'ok',
  hash: 'hash',
  uid: 1,
  uidValidity: 1,
});
const look = (partition: string): HistoryEvent => ({
  kind: 'observation',
  ...inbox(partition),
  begun: 10,
  ended: 11,
  uidValidity: 1,
  uidNext: 2,
  highestModSeq: 1,
  messages: [{ uid: 1, hash: 'hash', flags: [], modSeq: 1 }],
  whole: true,
});
const cache: HistoryEvent = {
  kind: 'cache',
  ...inbox('q'),
  at: 12,
  messages: [{ uid: 1, flags: [] }],
  expunged: [],
  expungedUnseen: 0,
  toldInIdle: 1,
};
const belief = (epoch: number): HistoryEvent => ({ kind: 'belief', at: epoch, pod: 'p', partition: 'q', epoch });
/** The least there can be of every kind of evidence. */
const history: readonly HistoryEvent[] = [
  { kind: 'session', client: 'c1', at: 0, what: 'opened', port: 1 },
  { kind: 'request', id: 0, client: 'c1', name: 'APPEND', at: 1 },
  { kind: 'answer', id: 0, at: 2 },
  append('q'),
  append('a'),
  belief(2),
  look('q'),
  look('a'),
  cache,
];

function verdictOf(events: readonly HistoryEvent[], of: Shown = shown): { good: boolean; text: string } {
  const recorder = createRecorder(() => 0);
  for (const event of events) recorder.add(event);
  let text = '';
  const narrator = createNarrator((piece) => (text += piece), false);
  return { good: finalVerdict({ recorder, narrator, figures: {} }, rules, of), text };
}

test('all holds, and all was shown', () => {
  expect(verdictOf(history)).toEqual({ good: true, text: expect.stringContaining('2 messages acknowledged, 0 of') });
});

test.each(['session', 'request', 'append', 'belief', 'observation', 'cache'])('no evidence of kind %s', (kind) => {
  expect(verdictOf(history.filter((event) => event.kind !== kind)).good).toBe(false);
});

test('a recorder that kept nothing', () => {
  expect(verdictOf([])).toEqual({ good: false, text: expect.stringContaining('no evidence') });
});

const later = { begun: 20, ended: 21 };
test.each<[string, HistoryEvent]>([
  ['I1', { ...look('q'), ...later, messages: [] } as HistoryEvent],
  ['I2', { ...look('a'), ...later, messages: [] } as HistoryEvent],
  ['I3', { ...append('a'), ...later, hash: 'hash', uid: 1 } as HistoryEvent],
  ['I4', { ...belief(1), at: 3 } as HistoryEvent],
  ['I5', { ...look('a'), ...later, uidValidity: 2 } as HistoryEvent],
  ['I6', { kind: 'session', client: 'c1', at: 3, what: 'closed by server', port: 1 }],
  ['I7', { kind: 'request', id: 1, client: 'c1', name: 'NOOP', at: 3 }],
  ['cache', { ...cache, client: 'c2', messages: [] } as HistoryEvent],
])('%s broken', (invariant, event) => {
  const { good, text } = verdictOf([...history, event]);
  expect(good).toBe(false);
  expect(text).toContain(`${invariant}: `);
});

test('a scene that showed nothing', () => {
  const none = { ...shown.salvage, tail: 0, lost: 0, salvaged: 0 };
  const { good, text } = verdictOf(history, { ...shown, salvage: none });
  expect(good).toBe(false);
  expect(text).toContain('Not as promised: fewer than 25');
});
