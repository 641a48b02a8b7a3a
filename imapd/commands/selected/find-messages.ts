import { keptOf } from '../../mailbox/search/returned.ts';
import { type Found, runSearch } from '../../mailbox/search/run-search.ts';
import { savedUids } from '../../mailbox/search/saved-search.ts';
import { usesModSeq } from '../../mailbox/search/search-plan.ts';
import { searched } from '../../mailbox/search/searched.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { ReturnOptions } from '../../protocol/searching/return-options.ts';
import type { SearchKey } from '../../protocol/searching/search-key.ts';
import type { SortCriterion } from '../../protocol/searching/sort-criterion.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { type Completion, no } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';
import { type Allowed, allowed, tooManyMessages } from './message-limit.ts';

/** What SEARCH and the commands that are based on it have in common. */
type Searching = {
  readonly name: 'SEARCH' | 'SORT' | 'THREAD';
  readonly key: SearchKey;
  readonly unknownCharset: boolean;
  readonly returns: ReturnOptions | null;
  readonly criteria?: readonly SortCriterion[];
};

/** RFC 6203, 4 and 6. */
export const isScored = ({ returns, criteria = [] }: Pick<Searching, 'returns' | 'criteria'>): boolean =>
  returns?.items.includes('RELEVANCY') === true || criteria.some(({ key }) => key === 'RELEVANCY');

type FindOptions = {
  readonly capabilities: Capabilities;
  readonly now: () => Date;
  readonly onProgress: (done: number, of: number) => Promise<void>;
};

export type FoundMessages = {
  readonly found: readonly Found[];
  /** Not all messages were looked at (RFC 9738). */
  readonly code: Allowed['code'];
  /** What `$` stood for. */
  readonly saved: IdSet;
};

/** RFC 3501, 6.4.4 and 7.1. */
export const unknownCharset: Completion = no('Unknown charset', 'BADCHARSET (US-ASCII UTF-8)');
/** RFC 5182, 2.5. */
export const notSaved: Completion = no('What was found is too scattered to be saved', 'NOTSAVED');

/**
 * The messages that a searching command asks for, or how it ends without. With SAVE, `$` is empty from here on until `saveFound`: also where the
 * search fails and is answered by NO (RFC 5182, 2.1).
 */
export async function findMessages(
  command: Searching,
  context: CommandContext,
  { now, onProgress, capabilities }: FindOptions,
): Promise<FoundMessages | Completion> {
  const selected = SelectedMailbox.of(context.session);
  const { saved } = selected;
  if (command.returns?.save === true) selected.saved = IdSet.EMPTY;
  if (command.unknownCharset) return unknownCharset;
  const told = command.returns?.updateFetch ?? [];
  if (usesModSeq(command.key) || told.some(({ kind }) => kind === 'MODSEQ')) await useCondstore(context);
  const run = { selected, attempt: context.attempt, saved, now: now(), onProgress, scored: isScored(command) };
  const limit = capabilities.messageLimit;
  if (selected.cursor.count <= limit) return { found: await runSearch(command.key, run), code: null, saved };
  const { messages: among, code } = allowed(searched(command.key, selected, saved), limit);
  // RFC 9738, 3.3: what is put in order is so whole, or not at all.
  if (code !== null && command.name !== 'SEARCH') return tooManyMessages(`MESSAGELIMIT ${limit}`);
  return { found: await runSearch(command.key, { ...run, among }), code, saved };
}

/** Carries out SAVE, if the command asked for it. false: there is too much to be kept. */
export function saveFound(
  found: readonly Found[],
  { returns }: Pick<Searching, 'returns'>,
  selected: SelectedMailbox,
): boolean {
  if (returns?.save !== true) return true;
  const uids = savedUids(keptOf(found, returns));
  selected.saved = uids ?? IdSet.EMPTY;
  return uids !== null;
}
