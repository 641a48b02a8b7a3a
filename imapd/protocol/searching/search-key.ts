import type { MessageSet } from '../sets/message-set.ts';

/** A calendar day `YYYY-MM-DD`, of no time zone (RFC 3501, 6.4.4: "disregarding time and timezone"). */
export type Day = string;

/**
 * What a SEARCH looks for, reduced to a few kinds: UNANSWERED is `{kind: 'flag', flag: '\\Answered', set: false}`, NEW is
 * RECENT and UNSEEN, FROM is a header. Strings are Unicode, whatever CHARSET they came in. An empty string matches every
 * message that has the field (RFC 3501, 6.4.4).
 */
export type SearchKey =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly kind: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly kind: 'not'; readonly key: SearchKey }
  /** RFC 6203: matched as the server thinks best. */
  | { readonly kind: 'fuzzy'; readonly key: SearchKey }
  | { readonly kind: 'flag'; readonly flag: string; readonly set: boolean }
  | { readonly kind: 'recent'; readonly set: boolean }
  | { readonly kind: 'header'; readonly field: string; readonly value: string }
  | { readonly kind: 'body' | 'text'; readonly value: string }
  /** `savedDate`: RFC 8514, 4.3. */
  | {
      readonly kind: 'internalDate' | 'sentDate' | 'savedDate';
      readonly relation: 'before' | 'on' | 'since';
      readonly day: Day;
    }
  /** RFC 5032: INTERNALDATE at least (`older`) or at most (`younger`) so many seconds ago. */
  | { readonly kind: 'age'; readonly relation: 'older' | 'younger'; readonly seconds: number }
  | { readonly kind: 'size'; readonly relation: 'larger' | 'smaller'; readonly octets: number }
  | { readonly kind: 'sequence' | 'uid'; readonly set: MessageSet }
  /** SAVEDATESUPPORTED (RFC 8514, 4.3). */
  | { readonly kind: 'saveDateSupported' }
  /** RFC 8474, 6. */
  | { readonly kind: 'emailId' | 'threadId'; readonly id: string }
  /** RFC 7162, 3.1.5: mod-sequence ≥ `atLeast`. Entry names are accepted and, all flags sharing one, ignored. */
  | { readonly kind: 'modseq'; readonly atLeast: number };

/** RFC 6203: without such a key there is no relevancy. */
export function isFuzzy(key: SearchKey): boolean {
  if (key.kind === 'and') return key.keys.some(isFuzzy);
  if (key.kind === 'or') return isFuzzy(key.left) || isFuzzy(key.right);
  return key.kind === 'fuzzy' || (key.kind === 'not' && isFuzzy(key.key));
}
