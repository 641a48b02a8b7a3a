import type { Place } from '../../acl/mailbox-place.ts';
import { permittedFlags } from '../../acl/permitted-flags.ts';
import { onlyOf, type Permitted, type Sharing } from '../../acl/sharing.ts';
import { type AcrossOutcome, type Copied, copyAcross, type Stop } from '../../mailbox/copy-across.ts';
import { learnOfNewUids } from '../../mailbox/learn-of-new-uids.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf, namesUnknown, uidList } from '../../mailbox/message-ids.ts';
import { noteOwnArrivals } from '../../mailbox/notify/own-arrivals.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { CopyMessages } from '../../store/store.ts';
import type { Uid } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SELECTED } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { overQuota } from '../quota/over-quota.ts';
import { askAgain } from './ask-again.ts';
import { lacking } from './lacking.ts';
import { allowed, partly, tooManyMessages } from './message-limit.ts';

export type CopyOptions = {
  readonly services: MailboxServices;
  readonly capabilities: Capabilities;
  readonly sharing: Sharing;
};

/**
 * RFC 3501, 6.4.7; COPYUID: RFC 4315, 3; MOVE: RFC 6851; limits: RFC 9738. Within a partition it is one transaction, however many
 * messages.
 */
export const copy = (name: 'COPY' | 'MOVE', options: CopyOptions): CommandHandler<'COPY' | 'MOVE'> => ({
  name,
  states: SELECTED,
  ...(name === 'MOVE' ? { capability: 'MOVE', tells: 'own' } : {}),
  async run(command, context) {
    const selected = SelectedMailbox.of(context.session);
    if (namesUnknown(command, selected.cursor)) return bad('No such message number');
    const lacks = name === 'MOVE' ? lacking(selected, name) : null;
    if (lacks !== null) return lacks;
    const target = await options.sharing.permit({ command: name, mailbox: command.mailbox }, context);
    if (target.kind === 'refused') return target.completion;
    await learnOfNewUids(command, selected, context);
    const { messages, code } = allowed(messagesOf(command, selected), limitOf(command, options));
    // RFC 9738, 3.1: COPY does all or nothing.
    if (code !== null && name === 'COPY') return tooManyMessages(code);
    const uids = uidList(messages.uids);
    if (uids.length === 0) return ok(`${command.name} completed: there was nothing to do`);
    const completion = await transfer({ command, selected, target, uids, move: name === 'MOVE' }, context, options);
    return partly(completion, code, context.output);
  },
});

const limitOf = ({ name }: CommandOf<'COPY' | 'MOVE'>, { capabilities }: CopyOptions): number =>
  name === 'MOVE' ? capabilities.messageLimit : capabilities.saveLimit;

type Transfer = {
  readonly command: CommandOf<'COPY' | 'MOVE'>;
  readonly selected: SelectedMailbox;
  readonly target: Permitted;
  readonly uids: readonly Uid[];
  readonly move: boolean;
};

async function transfer(request: Transfer, context: CommandContext, options: CopyOptions): Promise<Completion> {
  const { selected, target, move } = request;
  const within = target.place.store === selected.store;
  const { done, stop } = within
    ? await copyWithin(request, context)
    : await copyBetween(request, context, options.sharing);
  // What is done is told, also where the rest is refused.
  if (done !== null && done.source.length > 0) {
    noteOwnArrivals(context.session, done.mailbox, done.target);
    if (move) selected.cursor.view.applyExpunged(done.source, done.modSeq);
    await announce(options.services, selected, { done, move });
    await tellMoved(done, { move, context, options });
  }
  if (stop !== null) return refusal(stop);
  return complete(done, { selected, move, tellUids: options.capabilities.has('UIDPLUS') });
}

async function copyWithin({ selected, target, uids, move }: Transfer, context: CommandContext): Promise<AcrossOutcome> {
  const { place, rights } = target;
  const permitted = permittedFlags(rights);
  const outcome = await place.store.copy(
    {
      ...{ operation: context.newOperation(), uids, move },
      ...{ from: selected.mailbox, owner: place.owner, to: place.name, ...onlyOf(target) },
      ...(permitted === null ? {} : { keep: permitted }),
      ...readersOf(selected, place),
    },
    context.attempt,
  );
  return outcome.kind === 'copied' ? { done: outcome, stop: null } : { done: null, stop: outcome };
}

/** Where somebody has \Seen of his own, as far as the store must know. */
function readersOf({ cursor }: SelectedMailbox, place: Place): Pick<CopyMessages, 'readers'> {
  const readers = { from: cursor.view.reader, to: place.reader ?? null };
  return readers.from === null && readers.to === null ? {} : { readers };
}

async function copyBetween(request: Transfer, context: CommandContext, sharing: Sharing): Promise<AcrossOutcome> {
  const { command, selected, target, uids, move } = request;
  const { view } = selected.cursor;
  const catchUp = (): Promise<void> => selected.catchUp(context.attempt);
  return await copyAcross(
    {
      ...{ operation: context.newOperation(), uids, move },
      from: { store: selected.store, view, catchUp },
      to: target.place.store,
      ask: () => askAgain(command, context, sharing),
      moved: (gone, modSeq) => view.applyExpunged(gone, modSeq),
      left: ({ messages, cause }) =>
        context.log.event(
          'CommandFailed',
          { command: command.name, tag: context.tag, messages, err: cause },
          'Copies that the command had made before it failed could not be taken back.',
        ),
    },
    context.attempt,
  );
}

function refusal(stop: Stop): Completion {
  switch (stop.kind) {
    case 'refused':
      return stop.completion;
    case 'overQuota':
      return overQuota;
    case 'noMailbox':
      return no('There is no such mailbox', 'TRYCREATE');
    case 'tooManyKeywords':
      return no('The other mailbox has as many keywords as it can hold', 'LIMIT');
    case 'failed':
      throw stop.cause;
  }
}

async function announce(
  services: MailboxServices,
  selected: SelectedMailbox,
  { done, move }: { readonly done: Copied; readonly move: boolean },
): Promise<void> {
  if (move) await services.views.announce(selected.mailbox, done.modSeq);
  await services.views.announce(done.mailbox, null);
}

const copyUid = ({ uidValidity, source, target }: Copied): string =>
  `COPYUID ${uidValidity} ${IdSet.of(source)} ${IdSet.of(target)}`;

/** RFC 6851, 4.3: MOVE tells COPYUID in an untagged OK before the EXPUNGE responses, COPY in its tagged one. */
async function tellMoved(
  done: Copied,
  {
    move,
    context,
    options,
  }: { readonly move: boolean; readonly context: CommandContext; readonly options: CopyOptions },
): Promise<void> {
  if (move && options.capabilities.has('UIDPLUS')) await context.output.write(`* OK [${copyUid(done)}] Moved\r\n`);
}

function complete(
  done: Copied | null,
  {
    selected,
    move,
    tellUids,
  }: { readonly selected: SelectedMailbox; readonly move: boolean; readonly tellUids: boolean },
): Completion {
  if (done === null || done.source.length === 0) return no('The messages do not exist any more', 'EXPUNGEISSUED');
  if (!move) return ok('COPY completed', tellUids ? copyUid(done) : undefined);
  // RFC 6851, 4.4: as EXPUNGE does.
  return ok('MOVE completed', selected.modSeqCode);
}
