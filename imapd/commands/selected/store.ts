import { onlyPermitted, type PermittedFlags, permittedFlags } from '../../acl/permitted-flags.ts';
import { notPermitted } from '../../acl/sharing.ts';
import { learnOfNewUids } from '../../mailbox/learn-of-new-uids.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf, namesUnknown, uidList } from '../../mailbox/message-ids.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { unforeseenIn } from '../../mailbox/silent-store.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import { changesSince } from '../../store/mailbox-state.ts';
import type { StoreOutcome } from '../../store/store.ts';
import type { FlagChange, ModSeq, Uid } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SELECTED } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';
import { lacking } from './lacking.ts';
import { allowed, partly } from './message-limit.ts';
import { splitFlags } from './split-flags.ts';

const WRITE_AT = 32 * 1024;

/** RFC 3501, 6.4.6; UNCHANGEDSINCE and MODIFIED: RFC 7162, 3.1.3. One mutation, however many messages. */
export const store = (services: MailboxServices, capabilities: Capabilities): CommandHandler<'STORE'> => ({
  name: 'STORE',
  states: SELECTED,
  updates: (command) => (command.uid ? 'all' : 'noExpunge'),
  async run(command, context) {
    const selected = SelectedMailbox.of(context.session);
    const { cursor } = selected;
    if (namesUnknown(command, cursor)) return bad('No such message number');
    if (command.unchangedSince !== null) await useCondstore(context);
    const lacks = lacking(selected, 'STORE');
    if (lacks !== null) return lacks;
    const wanted = flagChange(command, permittedFlags(selected.rights));
    if (wanted === null) return notPermitted.completion;
    await learnOfNewUids(command, selected, context);
    const { messages, code } = allowed(messagesOf(command, selected), capabilities.messageLimit);
    const { uids } = messages;
    if (uids.length === 0) return ok('STORE completed');
    const outcome = await change(selected, { command, wanted, uids, context });
    if (outcome.kind !== 'stored') return refusal(outcome.kind, selected);
    const asked = { mode: command.operation, ...splitFlags(command.flags) };
    const unforeseen = command.silent ? unforeseenIn(outcome, { cursor, change: asked }) : [];
    cursor.view.applyStored(outcome);
    cursor.acknowledge(outcome.modSeq);
    await services.views.announce(selected.mailbox, outcome.modSeq);
    await answer(selected, { command, outcome, context, unforeseen });
    return partly(completion(selected, { command, outcome, asked: uids.length }), code, context.output);
  },
});

type Store = CommandOf<'STORE'>;
type Stored = Extract<StoreOutcome, { readonly kind: 'stored' }>;

async function change(
  selected: SelectedMailbox,
  request: {
    readonly command: Store;
    readonly wanted: FlagChange;
    readonly uids: Uint32Array;
    readonly context: CommandContext;
  },
): Promise<StoreOutcome> {
  const { command, wanted, uids, context } = request;
  const known = command.unchangedSince as ModSeq | null;
  return selected.store.storeFlags(
    {
      operation: context.newOperation(),
      mailbox: selected.mailbox,
      ...selected.byReader,
      uids: uidList(uids),
      change: wanted,
      // What a client learnt from a lost primary is no ground to overwrite anything.
      unchangedSince: known === null ? null : changesSince(selected.cursor.view.state, known),
    },
    context.attempt,
  );
}

/** What of it may be done (RFC 4314, 4: some is enough); null: nothing of what is asked for. */
function flagChange(command: Store, permitted: PermittedFlags | null): FlagChange | null {
  const asked = splitFlags(command.flags);
  const flags = onlyPermitted(asked, permitted);
  const { operation: mode } = command;
  if (mode === 'replace') return { mode, ...flags, ...(permitted === null ? {} : { within: permitted }) };
  const isEmpty = ({ system, keywords }: typeof flags): boolean => system === 0 && keywords.length === 0;
  return isEmpty(flags) && !isEmpty(asked) ? null : { mode, ...flags };
}

async function refusal(kind: 'gone' | 'tooManyKeywords', selected: SelectedMailbox): Promise<Completion> {
  if (kind === 'tooManyKeywords') return no('The mailbox has as many keywords as it can hold', 'LIMIT');
  await selected.refresh();
  return no('The mailbox has been deleted', 'NONEXISTENT');
}

/** Untagged FETCH of what was stored; of `.SILENT` only what the client cannot know, and the mod-sequences for who uses them. */
async function answer(
  selected: SelectedMailbox,
  stored: {
    readonly command: Store;
    readonly outcome: Stored;
    readonly context: CommandContext;
    readonly unforeseen: readonly Uid[];
  },
): Promise<void> {
  const { command, outcome, context } = stored;
  const told = new Set(stored.unforeseen);
  if (command.silent && !selected.condstore && told.size === 0) return;
  const writer = new ResponseWriter();
  if (!command.silent || told.size > 0) selected.writeNewKeywords(writer);
  for (const uid of outcome.rows.uids.subarray(0, outcome.rows.count) as Iterable<Uid>) {
    if (!command.silent || told.has(uid)) selected.writeFlagChange(writer, uid);
    else if (selected.condstore) selected.writeModSeq(writer, uid);
    if (writer.length > WRITE_AT) await context.output.write(writer.take());
  }
  if (writer.length > 0) await context.output.write(writer.take());
}

function completion(
  selected: SelectedMailbox,
  stored: { readonly command: Store; readonly outcome: Stored; readonly asked: number },
): Completion {
  const { command, outcome, asked } = stored;
  const ids = command.uid ? outcome.modified : outcome.modified.map((uid) => selected.cursor.sequenceOf(uid));
  const code = ids.length === 0 ? undefined : (`MODIFIED ${IdSet.of(ids)}` as const);
  // RFC 2180, 4.2.1: expunged meanwhile, and the client does not know yet. A UID that is gone is nobody's mistake.
  const missing = outcome.rows.count < asked;
  if (missing && !command.uid) return no('Some of the messages do not exist any more', code ?? 'EXPUNGEISSUED');
  if (code !== undefined) return ok('Some messages were changed by others and left alone', code);
  return ok('STORE completed', missing ? 'EXPUNGEISSUED' : undefined);
}
