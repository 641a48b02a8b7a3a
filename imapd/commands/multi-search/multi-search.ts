import { isShared, storeOf } from '../../acl/shared-listings.ts';
import type { Sharing } from '../../acl/sharing.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { noUpdate } from '../../mailbox/search/quoted-tag.ts';
import { type Found, runSearch, type Searchable } from '../../mailbox/search/run-search.ts';
import { usesModSeq, usesSequences } from '../../mailbox/search/search-plan.ts';
import { searchResponse } from '../../mailbox/search/search-response.ts';
import { searched } from '../../mailbox/search/searched.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { MailboxState } from '../../store/mailbox-state.ts';
import type { Store } from '../../store/store.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { isScored, notSaved, saveFound, unknownCharset } from '../selected/find-messages.ts';
import { allowed } from '../selected/message-limit.ts';
import { charsetMistake, EVERYTHING, type SearchOptions } from '../selected/search.ts';
import { searchProgress } from '../selected/search-progress.ts';
import { useCondstore } from '../use-condstore.ts';
import { findMailboxes } from './find-mailboxes.ts';

export type MultiSearchOptions = Pick<SearchOptions, 'now' | 'capabilities' | 'progressMs'> & {
  readonly services: MailboxServices;
  readonly sharing: Sharing;
  /** Mailboxes of one command. */
  readonly most: number;
};

/**
 * The ESEARCH command (RFC 7377): several mailboxes, one after the other, each as if it were selected for that moment. Nothing
 * is held from one to the next.
 */
export const multiSearch = (options: MultiSearchOptions): CommandHandler<'ESEARCH'> => ({
  name: 'ESEARCH',
  states: SIGNED_IN,
  capability: 'MULTISEARCH',
  // As for UID SEARCH.
  updates: ({ key }) => (usesSequences(key) ? 'noExpunge' : 'all'),
  async run(command, context) {
    const mistake = mistakeOf(command, context);
    if (mistake !== null) return mistake;
    if (command.unknownCharset) return unknownCharset;
    const mailboxes = await mailboxesOf(command, context, options);
    if (mailboxes === 'tooMany') {
      return no(`That is more than ${options.most} mailboxes; nothing was searched`, 'LIMIT');
    }
    if (usesModSeq(command.key)) await useCondstore(context);
    // RFC 5267, 4.3.1: the rest is answered all the same.
    if (command.returns?.update === true) {
      await context.output.write(noUpdate(context.tag, 'Only SEARCH is kept up'));
    }
    return searchAll(command, mailboxes, { context, options });
  },
});

type MultiSearch = CommandOf<'ESEARCH'>;
/**
 * The selected mailbox, which has message numbers and may have `$`, or another one. `state` has the name that the session has for it.
 */
type Source = Viewed & { readonly store: Store; readonly selected: SelectedMailbox | null };

/** `reader`: see `MailboxView`. */
type Viewed = { readonly state: MailboxState; readonly reader: string | null };
type Run = { readonly context: CommandContext; readonly options: MultiSearchOptions };

function mistakeOf(command: MultiSearch, context: CommandContext): Completion | null {
  const { sources, returns } = command;
  const { session } = context;
  const kinds = sources?.map(({ kind }) => kind) ?? ['selected'];
  // RFC 7377, 2.2: UPDATE speaks of the selected mailbox.
  const needsSelected = kinds.includes('selected') || returns?.update === true;
  if (needsSelected && session.selected === null) return bad('No mailbox is selected', 'CLIENTBUG');
  if (returns?.save === true && kinds.some((kind) => kind !== 'selected')) {
    return bad('SAVE is for the selected mailbox alone');
  }
  return charsetMistake(command, context);
}

async function mailboxesOf(
  { sources }: MultiSearch,
  context: CommandContext,
  options: MultiSearchOptions,
): Promise<readonly Source[] | 'tooMany'> {
  const { session } = context;
  const filters = sources ?? [{ kind: 'selected' } as const];
  const selected = session.selected === null ? null : SelectedMailbox.of(session);
  const asSelected = filters.some(({ kind }) => kind === 'selected');
  // Without the right to read it, it is passed over as others are (RFC 7377, 2.2).
  const first = asSelected && selected?.readable === true ? [openSource(selected)] : [];
  if (filters.every(({ kind }) => kind === 'selected')) return first;
  const found = await findMailboxes(filters, options, context);
  if (found.kind === 'tooMany') return 'tooMany';
  if (found.incomplete !== null) await context.output.write(NOT_ALL[found.incomplete]);
  const isSelected = ({ id }: MailboxState): boolean => id === selected?.mailbox;
  const others = asSelected ? found.mailboxes.filter(({ state }) => !isSelected(state)) : found.mailboxes;
  // What is empty needs not be opened; the selected one is as its session sees it.
  const worth = others.filter(({ state }) => isSelected(state) || state.messages > 0);
  const named = worth.map((listing) => {
    const { state } = listing;
    const store = storeOf(listing, session.user.store);
    const reader = isShared(listing) ? options.sharing.readerOf(session.user) : null;
    return { state, store, reader, selected: isSelected(state) ? selected : null };
  });
  return first.length + named.length > options.most ? 'tooMany' : [...first, ...named];
}

const NOT_ALL = {
  unavailable: '* NO [UNAVAILABLE] Some mailboxes of others cannot be searched at the moment\r\n',
  limit: '* NO [LIMIT] There are more mailboxes of others than are looked at\r\n',
};

const openSource = (selected: SelectedMailbox): Source => ({
  state: { ...selected.cursor.view.state, name: selected.name },
  store: selected.store,
  reader: selected.cursor.view.reader,
  selected,
});

async function searchAll(command: MultiSearch, mailboxes: readonly Source[], run: Run): Promise<Completion> {
  const { context, options } = run;
  const { messageLimit } = options.capabilities;
  const progress = searchProgress(context, options);
  let cut = false;
  for (const [at, source] of mailboxes.entries()) {
    const onProgress = (): Promise<void> => progress(at, mailboxes.length);
    const searching = { command, run, onProgress };
    const { found, code } = await (source.selected === null
      ? searchClosed(source, searching)
      : searchOpen(source.selected, searching));
    cut ||= code !== null;
    if (source.selected !== null && !saveFound(found, command, source.selected)) return notSaved;
    if (found.length > 0) await tell(source.state, { command, found, context });
    await onProgress();
  }
  return cut
    ? ok('Of some mailboxes only the last messages were searched', `MESSAGELIMIT ${messageLimit}`)
    : ok('ESEARCH completed');
}

type Searching = { readonly command: MultiSearch; readonly run: Run; readonly onProgress: () => Promise<void> };
type Searched = { readonly found: readonly Found[]; readonly code: string | null };
const NOTHING: Searched = { found: [], code: null };

/** A mailbox that is not selected: open for as long as this takes. It may be gone meanwhile. */
async function searchClosed({ store, reader, state: { id } }: Source, searching: Searching): Promise<Searched> {
  const { context, options } = searching.run;
  const cursor = await options.services.views.openBy(store, { mailbox: id, reader }, context.attempt);
  if (cursor === null) return NOTHING;
  const isRecent = (uid: number): boolean => !context.session.rev2 && uid >= cursor.view.state.recentFrom;
  try {
    return await searchOpen({ cursor, store, mailbox: id, isRecent, saved: IdSet.EMPTY }, searching);
  } finally {
    options.services.views.leave(cursor);
  }
}

async function searchOpen(
  mailbox: Searchable & { readonly saved: IdSet },
  { command: { key, returns }, run: { context, options }, onProgress }: Searching,
): Promise<Searched> {
  const { saved } = mailbox;
  // RFC 5182, 2.1: it stays empty where the search fails.
  if (returns?.save === true && mailbox instanceof SelectedMailbox) mailbox.saved = IdSet.EMPTY;
  const scored = isScored({ returns });
  const run = { selected: mailbox, attempt: context.attempt, saved, now: options.now(), onProgress, scored };
  const limit = options.capabilities.messageLimit;
  if (mailbox.cursor.count <= limit) return { found: await runSearch(key, run), code: null };
  const { messages: among, code } = allowed(searched(key, mailbox, saved), limit);
  return { found: await runSearch(key, { ...run, among }), code };
}

type Told = { readonly command: MultiSearch; readonly found: readonly Found[]; readonly context: CommandContext };

async function tell(place: MailboxState, { command, found, context }: Told): Promise<void> {
  const { session, tag, output } = context;
  const returns = command.returns ?? EVERYTHING;
  const correlator = { place, names: session.mailboxNames };
  const answer = { name: 'SEARCH', tag, uid: true, returns, found, modSeq: usesModSeq(command.key) } as const;
  const response = searchResponse({ ...answer, correlator });
  if (response !== '') await output.write(response);
}
