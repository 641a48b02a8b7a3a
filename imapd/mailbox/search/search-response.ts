import type { MailboxNames } from '../../protocol/mailbox-name.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { ReturnOptions } from '../../protocol/searching/return-options.ts';
import { orderedSet } from '../../protocol/sets/ordered-set.ts';
import { rangeText } from '../../protocol/sets/result-range.ts';
import type { MailboxState } from '../../store/mailbox-state.ts';
import { quotedTag } from './quoted-tag.ts';
import { partOf, scoredOf, toldOf } from './returned.ts';
import type { Found } from './run-search.ts';

export type SearchAnswer = {
  /** The command that is answered. */
  readonly name: 'SEARCH' | 'SORT';
  readonly tag: string;
  readonly uid: boolean;
  /** null: the old SEARCH or SORT response. */
  readonly returns: ReturnOptions | null;
  /** In the order in which they are told. */
  readonly found: readonly Found[];
  /** Of the ESEARCH command: which mailbox it is about (RFC 7377, 2.1), its name as the client has names. */
  readonly correlator?: { readonly place: Pick<MailboxState, 'name' | 'uidValidity'>; readonly names: MailboxNames };
  /** RFC 7162, 3.1.5 and 3.1.10: with the highest mod-sequence of what was found. */
  readonly modSeq: boolean;
};

/** The untagged response to a SEARCH or SORT, with its line end; empty where nothing is told but only saved (RFC 5182, 1). */
export function searchResponse(answer: SearchAnswer): string {
  const { returns } = answer;
  if (returns === null) return plain(answer);
  const silent = returns.items.length === 0 && returns.partial === null;
  return silent ? '' : extended(answer, returns);
}

/** RFC 3501, 7.2.5; RFC 5256, BASE.7.2.SORT. */
function plain({ name, uid, found, modSeq }: SearchAnswer): string {
  const ids = found.map((message) => ` ${uid ? message.uid : message.sequence}`).join('');
  const highest = modSeq && found.length > 0 ? ` (MODSEQ ${highestModSeq(found)})` : '';
  return `* ${name}${ids}${highest}\r\n`;
}

/**
 * RFC 4731, 3.1: what has no value, such as MIN of nothing, is left out. RFC 7162, 3.1.10: of MIN and MAX alone, the
 * mod-sequences of just those messages count. RFC 5267, 3.1: of a SORT they are the first and the last in its order.
 * RFC 6203, 4: RELEVANCY tells scores. RFC 9394, 3.1: PARTIAL tells the range that was asked for, and NIL where it is empty.
 */
function extended(answer: SearchAnswer, returns: ReturnOptions): string {
  const { found, uid, tag } = answer;
  const { items } = returns;
  const idOf = (message: Found | undefined): number => (message === undefined ? 0 : message[uid ? 'uid' : 'sequence']);
  const [first, last] = [found[0], found.at(-1)];
  const parts = [`* ESEARCH (TAG ${quotedTag(tag)}${placeOf(answer)})`, ...(uid ? ['UID'] : [])];
  if (items.includes('MIN') && first !== undefined) parts.push(`MIN ${idOf(first)}`);
  if (items.includes('MAX') && last !== undefined) parts.push(`MAX ${idOf(last)}`);
  if (items.includes('ALL') && found.length > 0) parts.push(`ALL ${orderedSet(found.map(idOf))}`);
  if (returns.partial !== null) {
    const part = orderedSet(partOf(found, returns).map(idOf));
    parts.push(`PARTIAL (${rangeText(returns.partial)} ${part || 'NIL'})`);
  }
  if (items.includes('COUNT')) parts.push(`COUNT ${found.length}`);
  const scores = items.includes('RELEVANCY') ? scoredOf(found, returns).map(({ relevancy = 1 }) => relevancy) : [];
  if (scores.length > 0) parts.push(`RELEVANCY (${scores.join(' ')})`);
  const told = answer.modSeq ? toldOf(found, returns) : [];
  if (told.length > 0) parts.push(`MODSEQ ${highestModSeq(told)}`);
  return `${parts.join(' ')}\r\n`;
}

function placeOf({ correlator }: SearchAnswer): string {
  if (correlator === undefined) return '';
  const { place, names } = correlator;
  return ` MAILBOX ${new ResponseWriter(names).mailbox(place.name).take()} UIDVALIDITY ${place.uidValidity}`;
}

const highestModSeq = (found: readonly Found[]): number =>
  found.reduce((highest, message) => Math.max(highest, message.modSeq), 0);
