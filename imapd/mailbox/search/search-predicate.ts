import type { SearchKey } from '../../protocol/searching/search-key.ts';
import type { IdSet } from '../../protocol/sets/id-set.ts';
import { SAVED } from '../../protocol/sets/message-set.ts';
import { type SystemFlag, systemFlags } from '../../store/types.ts';
import { hasKeyword } from '../flag-text.ts';
import { loosened } from './fuzzy/loosened.ts';

/** What is known of a message; each stage of a search adds something. */
export type MessageFacts = {
  readonly uid: number;
  readonly sequence: number;
  readonly system: number;
  readonly keywordsLow: number;
  readonly keywordsHigh: number;
  readonly recent: boolean;
  readonly modSeq: number;
  /** Columns of the message row; `arrived` is INTERNALDATE in whole seconds since 1970. */
  readonly columns: {
    readonly internalDay: string;
    readonly savedDay: string;
    readonly arrived: number;
    readonly size: number;
  } | null;
  readonly identity: { readonly emailId: string } | null;
  readonly header: HeaderFacts | null;
  readonly text: TextFacts | null;
};

export type HeaderFacts = {
  /** `YYYY-MM-DD` as the Date field says; null without one. */
  readonly sentDay: string | null;
  /** Does a field of this name (any case) contain the value? Empty: is there such a field? */
  contains(field: string, value: string): boolean;
};

/** null: cannot be said from what is known so far. */
export type Verdict = boolean | null;

export type TextFacts = {
  /** Does the body contain the value? */
  body(value: string): Verdict;
  /** Does header or body? */
  text(value: string): Verdict;
};

export type SearchPredicate = (message: MessageFacts) => Verdict;

/** The mailbox as the searching session sees it. */
export type SearchScope = {
  readonly count: number;
  readonly largestUid: number;
  /** Names of the keyword bits. */
  readonly keywords: readonly string[];
  /** UIDs that `$` stands for. */
  readonly saved: IdSet;
  /** Whole seconds since 1970. */
  readonly now: number;
};

/** Turns a search key into a test that works with whatever is known: what is not yet known makes its answer null. */
export function compileSearch(key: SearchKey, scope: SearchScope): SearchPredicate {
  const compile = (inner: SearchKey): SearchPredicate => compileSearch(inner, scope);
  switch (key.kind) {
    case 'all':
      return () => true;
    case 'and':
      return all(key.keys.map(compile));
    case 'or':
      return any([compile(key.left), compile(key.right)]);
    case 'not':
      return negation(compile(key.key));
    case 'fuzzy':
      return compile(loosened(key.key));
    case 'sequence':
    case 'uid':
      return membership(key, scope);
    default:
      return leaf(key, scope);
  }
}

type Leaf = Exclude<SearchKey, { readonly kind: 'all' | 'and' | 'or' | 'not' | 'fuzzy' | 'sequence' | 'uid' }>;

function leaf(key: Leaf, scope: SearchScope): SearchPredicate {
  switch (key.kind) {
    case 'flag':
      return flagTest(key, scope.keywords);
    case 'recent':
      return (message) => message.recent === key.set;
    case 'modseq':
      return (message) => message.modSeq >= key.atLeast;
    case 'size':
      return ({ columns }) =>
        columns && (key.relation === 'larger' ? columns.size > key.octets : columns.size < key.octets);
    case 'age':
      return ageTest(key, scope.now);
    case 'internalDate':
      return ({ columns }) => columns && onDay(columns.internalDay, key);
    case 'savedDate':
      return ({ columns }) => columns && onDay(columns.savedDay, key);
    case 'saveDateSupported':
      return () => true;
    case 'emailId':
      return ({ identity }) => identity && identity.emailId === key.id;
    case 'threadId':
      // RFC 8474, 5.2: no message has one.
      return () => false;
    case 'sentDate':
      return ({ header }) => header && onDay(header.sentDay, key);
    case 'header':
      return ({ header }) => header?.contains(key.field, key.value) ?? null;
    case 'body':
      return ({ text }) => text?.body(key.value) ?? null;
    case 'text':
      return ({ text }) => text?.text(key.value) ?? null;
  }
}

/** False wins over what is not known: a cheap test spares the dear one. */
const all =
  (tests: readonly SearchPredicate[]): SearchPredicate =>
  (message) => {
    let verdict: Verdict = true;
    for (const test of tests) {
      const one = test(message);
      if (one === false) return false;
      if (one === null) verdict = null;
    }
    return verdict;
  };

const any =
  (tests: readonly SearchPredicate[]): SearchPredicate =>
  (message) => {
    let verdict: Verdict = false;
    for (const test of tests) {
      const one = test(message);
      if (one === true) return true;
      if (one === null) verdict = null;
    }
    return verdict;
  };

const negation =
  (test: SearchPredicate): SearchPredicate =>
  (message) => {
    const verdict = test(message);
    return verdict === null ? null : !verdict;
  };

function membership(key: Extract<SearchKey, { kind: 'sequence' | 'uid' }>, scope: SearchScope): SearchPredicate {
  if (key.set === SAVED) return (message) => scope.saved.has(message.uid);
  const ids = key.set.resolve(key.kind === 'uid' ? scope.largestUid : scope.count);
  return key.kind === 'uid' ? (message) => ids.has(message.uid) : (message) => ids.has(message.sequence);
}

function flagTest(key: Extract<SearchKey, { kind: 'flag' }>, keywords: readonly string[]): SearchPredicate {
  const isSystem = (flag: string): flag is SystemFlag => Object.hasOwn(systemFlags, flag);
  if (isSystem(key.flag)) {
    const bit = systemFlags[key.flag];
    return (message) => ((message.system & bit) !== 0) === key.set;
  }
  const wanted = key.flag.toLowerCase();
  const bit = keywords.findIndex((name) => name.toLowerCase() === wanted);
  if (bit < 0) return () => !key.set;
  return (message) => hasKeyword(bit, message.keywordsLow, message.keywordsHigh) === key.set;
}

/** RFC 5032, 2: exact to the second, and both keys match at the target time itself. */
function ageTest(key: Extract<SearchKey, { kind: 'age' }>, now: number): SearchPredicate {
  const target = now - key.seconds;
  return ({ columns }) => columns && (key.relation === 'older' ? columns.arrived <= target : columns.arrived >= target);
}

type DayKey = { readonly relation: 'before' | 'on' | 'since'; readonly day: string };

/** Days compare as text. A message without a date lies on no day. */
function onDay(day: string | null, key: DayKey): boolean {
  if (day === null) return false;
  if (key.relation === 'on') return day === key.day;
  return key.relation === 'before' ? day < key.day : day >= key.day;
}
