import type { SearchReturn } from '../../protocol/command.ts';
import { IdSet } from '../../protocol/id-set.ts';
import type { Found } from './run-search.ts';

export type SearchAnswer = {
  readonly tag: string;
  readonly uid: boolean;
  /** null: the old SEARCH response. */
  readonly returns: readonly SearchReturn[] | null;
  readonly found: readonly Found[];
  /** RFC 7162, 3.1.5 and 3.1.10: with the highest mod-sequence of what was found. */
  readonly modSeq: boolean;
};

/** The untagged response to a SEARCH, with its line end. */
export function searchResponse(answer: SearchAnswer): string {
  return answer.returns === null ? plain(answer) : extended(answer, answer.returns);
}

/** RFC 3501, 7.2.5. */
function plain({ uid, found, modSeq }: SearchAnswer): string {
  const ids = found.map((message) => ` ${uid ? message.uid : message.sequence}`).join('');
  const highest = modSeq && found.length > 0 ? ` (MODSEQ ${highestModSeq(found)})` : '';
  return `* SEARCH${ids}${highest}\r\n`;
}

/** RFC 4731, 3.1: what has no value, such as MIN of nothing, is left out. */
function extended(answer: SearchAnswer, returns: readonly SearchReturn[]): string {
  const { found, uid, tag } = answer;
  const idOf = (message: Found | undefined): number => (message === undefined ? 0 : message[uid ? 'uid' : 'sequence']);
  const [first, last] = [found[0], found.at(-1)];
  const parts = [`* ESEARCH (TAG "${tag.replace(/["\\]/g, '\\$&')}")`, ...(uid ? ['UID'] : [])];
  if (returns.includes('MIN') && first !== undefined) parts.push(`MIN ${idOf(first)}`);
  if (returns.includes('MAX') && last !== undefined) parts.push(`MAX ${idOf(last)}`);
  if (returns.includes('ALL') && found.length > 0) parts.push(`ALL ${IdSet.of(found.map(idOf))}`);
  if (returns.includes('COUNT')) parts.push(`COUNT ${found.length}`);
  if (answer.modSeq && found.length > 0) parts.push(`MODSEQ ${highestModSeq(told(found, returns))}`);
  return `${parts.join(' ')}\r\n`;
}

/** RFC 7162, 3.1.10: of MIN and MAX alone, the mod-sequences of just those messages count. */
function told(found: readonly Found[], returns: readonly SearchReturn[]): readonly Found[] {
  if (returns.includes('ALL') || returns.includes('COUNT')) return found;
  const ends = [returns.includes('MIN') ? found[0] : undefined, returns.includes('MAX') ? found.at(-1) : undefined];
  return ends.filter((message) => message !== undefined);
}

const highestModSeq = (found: readonly Found[]): number =>
  found.reduce((highest, message) => Math.max(highest, message.modSeq), 0);
