import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchKey } from '../../protocol/searching/search-key.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { type MessageSet, SAVED } from '../../protocol/sets/message-set.ts';
import { SequenceSet } from '../../protocol/sets/sequence-set.ts';
import { loosened } from './fuzzy/loosened.ts';
import { searchStages, soughtTexts } from './search-plan.ts';
import { compileSearch, type MessageFacts } from './search-predicate.ts';

const KEYWORDS = ['$Junk', '$Forwarded'];
const WORDS = ['ann', 'invoice', 'zoo'];
const NOW = 1000;
const DAYS = ['2026-10-30', '2026-10-31', '2026-11-01'];

/** A message whose facts are all known, in a form a person would write down. */
type PlainMessage = {
  readonly uid: number;
  readonly system: number;
  readonly keywords: number;
  readonly recent: boolean;
  readonly modSeq: number;
  readonly size: number;
  readonly internalDay: string;
  readonly savedDay: string;
  readonly emailId: string;
  readonly arrived: number;
  readonly sentDay: string | null;
  readonly subject: string;
  readonly body: string;
};

const message: fc.Arbitrary<PlainMessage> = fc.record({
  uid: fc.integer({ min: 1, max: 30 }),
  system: fc.nat(31),
  keywords: fc.nat(3),
  recent: fc.boolean(),
  modSeq: fc.integer({ min: 1, max: 9 }),
  size: fc.nat(20),
  internalDay: fc.constantFrom(...DAYS),
  savedDay: fc.constantFrom(...DAYS),
  emailId: fc.constantFrom('M1', 'M2'),
  arrived: fc.integer({ min: 990, max: 1010 }),
  sentDay: fc.option(fc.constantFrom(...DAYS)),
  subject: fc.constantFrom('ann', 'invoice zoo', ''),
  body: fc.constantFrom('zoo', 'ann invoice', ''),
});

const word = fc.constantFrom(...WORDS);
const SAVED_UIDS = IdSet.ofRanges([3, 9, 20, 20]);
const sequenceSet = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 3 })
  .map((pairs) => SequenceSet.ofBounds(pairs.flat()));

const set: fc.Arbitrary<MessageSet> = fc.oneof({ weight: 3, arbitrary: sequenceSet }, fc.constant(SAVED));

const leaf: fc.Arbitrary<SearchKey> = fc.oneof(
  fc.constantFrom({ kind: 'all' as const }, { kind: 'saveDateSupported' as const }),
  fc.record({
    kind: fc.constant('flag' as const),
    flag: fc.constantFrom('\\Seen', '\\Draft', '$junk', '$FORWARDED', 'unknown'),
    set: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('recent' as const), set: fc.boolean() }),
  fc.record({ kind: fc.constant('header' as const), field: fc.constant('Subject'), value: word }),
  fc.record({ kind: fc.constantFrom('body' as const, 'text' as const), value: word }),
  fc.record({
    kind: fc.constantFrom('internalDate' as const, 'sentDate' as const, 'savedDate' as const),
    relation: fc.constantFrom('before' as const, 'on' as const, 'since' as const),
    day: fc.constantFrom(...DAYS),
  }),
  fc.record({
    kind: fc.constant('age' as const),
    relation: fc.constantFrom('older' as const, 'younger' as const),
    seconds: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({ kind: fc.constant('size' as const), relation: fc.constantFrom('larger', 'smaller'), octets: fc.nat(20) }),
  fc.record({ kind: fc.constantFrom('sequence' as const, 'uid' as const), set }),
  fc.record({ kind: fc.constantFrom('emailId' as const, 'threadId' as const), id: fc.constantFrom('M1', 'm1', 'M2') }),
  fc.record({ kind: fc.constant('modseq' as const), atLeast: fc.integer({ min: 1, max: 9 }) }),
);

const { key } = fc.letrec<{ key: SearchKey }>((tie) => ({
  key: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ kind: fc.constant('and' as const), keys: fc.array(tie('key'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('or' as const), left: tie('key'), right: tie('key') }),
    fc.record({ kind: fc.constant('not' as const), key: tie('key') }),
    fc.record({ kind: fc.constant('fuzzy' as const), key: tie('key') }),
  ),
}));

/** RFC 3501, 6.4.4, as it reads: no stages, nothing left open. */
function naive(key: SearchKey, messages: readonly PlainMessage[], at: number): boolean {
  const one = messages[at]!;
  const compare = (day: string | null, relation: string, other: string): boolean => {
    if (day === null) return false;
    if (relation === 'on') return day === other;
    return relation === 'before' ? day < other : day >= other;
  };
  const inSet = (bounds: readonly number[], id: number, largest: number): boolean => {
    for (let i = 0; i < bounds.length; i += 2) {
      const [a, b] = [bounds[i] || largest, bounds[i + 1] || largest];
      if (Math.min(a, b) <= id && id <= Math.max(a, b)) return true;
    }
    return false;
  };
  switch (key.kind) {
    case 'all':
    case 'saveDateSupported':
      return true;
    case 'and':
      return key.keys.every((inner) => naive(inner, messages, at));
    case 'or':
      return naive(key.left, messages, at) || naive(key.right, messages, at);
    case 'not':
      return !naive(key.key, messages, at);
    case 'fuzzy':
      return naive(loosened(key.key), messages, at);
    case 'flag': {
      const bit = KEYWORDS.findIndex((name) => name.toLowerCase() === key.flag.toLowerCase());
      const system = { '\\Seen': 1, '\\Draft': 16 }[key.flag] ?? 0;
      return ((one.system & system) !== 0 || (bit >= 0 && ((one.keywords >> bit) & 1) === 1)) === key.set;
    }
    case 'recent':
      return one.recent === key.set;
    case 'header':
      return one.subject.includes(key.value);
    case 'body':
      return one.body.includes(key.value);
    case 'text':
      return one.subject.includes(key.value) || one.body.includes(key.value);
    case 'internalDate':
      return compare(one.internalDay, key.relation, key.day);
    case 'savedDate':
      return compare(one.savedDay, key.relation, key.day);
    case 'sentDate':
      return compare(one.sentDay, key.relation, key.day);
    case 'age':
      return key.relation === 'older' ? NOW - one.arrived >= key.seconds : NOW - one.arrived <= key.seconds;
    case 'size':
      return key.relation === 'larger' ? one.size > key.octets : one.size < key.octets;
    case 'sequence':
      if (key.set === SAVED) return inSet([3, 9, 20, 20], one.uid, 1);
      return inSet(key.set.bounds, at + 1, messages.length);
    case 'uid':
      return inSet(key.set === SAVED ? [3, 9, 20, 20] : key.set.bounds, one.uid, messages.at(-1)!.uid);
    case 'emailId':
      return one.emailId === key.id;
    case 'threadId':
      return false;
    case 'modseq':
      return one.modSeq >= key.atLeast;
  }
}

function factsOf(one: PlainMessage, sequence: number): MessageFacts {
  return {
    uid: one.uid,
    sequence,
    system: one.system,
    keywordsLow: one.keywords,
    keywordsHigh: 0,
    recent: one.recent,
    modSeq: one.modSeq,
    columns: { internalDay: one.internalDay, savedDay: one.savedDay, arrived: one.arrived, size: one.size },
    identity: { emailId: one.emailId },
    header: { sentDay: one.sentDay, contains: (_, value) => one.subject.includes(value) },
    text: {
      body: (value) => one.body.includes(value),
      text: (value) => one.subject.includes(value) || one.body.includes(value),
    },
  };
}

const mailbox = fc
  .uniqueArray(message, { selector: (one) => one.uid, minLength: 1, maxLength: 8 })
  .map((messages) => messages.sort((a, b) => a.uid - b.uid));

describe('compileSearch', () => {
  it('finds what RFC 3501 says, and with less knowledge says nothing else', () => {
    fc.assert(
      fc.property(mailbox, key, (messages, wanted) => {
        const scope = {
          count: messages.length,
          largestUid: messages.at(-1)!.uid,
          keywords: KEYWORDS,
          saved: SAVED_UIDS,
          now: NOW,
        };
        const test = compileSearch(wanted, scope);
        messages.forEach((one, at) => {
          const facts = factsOf(one, at + 1);
          const verdict = naive(wanted, messages, at);
          expect(test(facts)).toBe(verdict);
          for (const missing of ['columns', 'identity', 'header', 'text'] as const) {
            expect([verdict, null]).toContain(test({ ...facts, [missing]: null }));
          }
          const needed = searchStages(wanted);
          const onlyNeeded = {
            ...facts,
            ...Object.fromEntries(
              (['columns', 'identity', 'header', 'text'] as const)
                .filter((s) => !needed.includes(s))
                .map((s) => [s, null]),
            ),
          };
          expect(test(onlyNeeded)).toBe(verdict);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('lets a cheap test spare the dear one', () => {
    const wanted: SearchKey = {
      kind: 'and',
      keys: [
        { kind: 'body', value: 'x' },
        { kind: 'flag', flag: '\\Seen', set: true },
      ],
    };
    const test = compileSearch(wanted, { count: 1, largestUid: 1, keywords: [], saved: IdSet.EMPTY, now: NOW });
    const unknown = { columns: null, identity: null, header: null, text: null };
    const unread: MessageFacts = { ...factsOf(plain, 1), system: 0, ...unknown };
    expect(test(unread)).toBe(false);
    expect(test({ ...unread, system: 1 })).toBe(null);
    expect(searchStages(wanted)).toEqual(['text']);
    expect(soughtTexts(wanted)).toEqual({ body: ['x'], text: [] });
  });
});

const plain: PlainMessage = {
  uid: 1,
  system: 0,
  keywords: 0,
  recent: false,
  modSeq: 1,
  size: 1,
  internalDay: '2026-10-31',
  savedDay: '2026-10-31',
  emailId: 'M1',
  arrived: NOW,
  sentDay: null,
  subject: '',
  body: '',
};
