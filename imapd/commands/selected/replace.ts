import { onlyPermitted, permittedFlags } from '../../acl/permitted-flags.ts';
import { byReader, type Found, onlyOf, type Sharing } from '../../acl/sharing.ts';
import { learnOfNewUids } from '../../mailbox/learn-of-new-uids.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf, namesUnknown } from '../../mailbox/message-ids.ts';
import { noteOwnArrivals } from '../../mailbox/notify/own-arrivals.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { Limits } from '../../protocol/limits.ts';
import type { ReplaceOutcome } from '../../store/store.ts';
import type { Uid } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { isWhole } from '../append/append.ts';
import { receiveMessages } from '../append/receive-messages.ts';
import { asWritten, tellOldName } from '../authenticated/old-name.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SELECTED } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { overQuota } from '../quota/over-quota.ts';
import { askAgain } from './ask-again.ts';
import { lacking } from './lacking.ts';

export type ReplaceOptions = {
  readonly services: MailboxServices;
  readonly capabilities: Capabilities;
  readonly sharing: Sharing;
  readonly limits: Limits;
  readonly now: () => Date;
};

/**
 * RFC 8508: a new message in place of one of the selected mailbox, in one transaction. All mailboxes of a user are in one
 * partition; those of two users need not be.
 */
export const replace = (options: ReplaceOptions): CommandHandler<'REPLACE'> => ({
  name: 'REPLACE',
  states: SELECTED,
  capability: 'REPLACE',
  tells: 'own',
  async run(command, context) {
    const { session } = context;
    if (!isWhole(command.steps, context)) return bad('Expected a message as a literal');
    const selected = SelectedMailbox.of(session);
    if (namesUnknown(command, selected.cursor)) return bad('No such message number');
    const lacks = lacking(selected, command.name);
    if (lacks !== null) return lacks;
    // Asked first, so that a client which waits for leave sends no message in vain.
    const target = await options.sharing.find({ command: command.name, mailbox: command.mailbox }, context);
    if (target.kind === 'refused') return target.completion;
    if (target.place.store !== selected.store) return no('The other mailbox is kept elsewhere: APPEND to it', 'CANNOT');
    await learnOfNewUids(command, selected, context);
    const [uid] = messagesOf(command, selected).uids;
    if (uid === undefined) return no('There is no such message', 'NONEXISTENT');
    return take({ command, target, uid: uid as Uid }, context, options);
  },
});

type Request = {
  readonly command: CommandOf<'REPLACE'>;
  readonly target: Found;
  /** Of the message that is replaced. */
  readonly uid: Uid;
};

async function take(request: Request, context: CommandContext, options: ReplaceOptions): Promise<Completion> {
  const { command, uid, target } = request;
  const { owner, name, store } = target.place;
  const operation = context.newOperation();
  const second = bad('REPLACE takes one message');
  // What the replaced message leaves is room, too: only the store knows.
  const received = await receiveMessages(command.steps, {
    ...options,
    ...{ command: 'REPLACE', context, store, operation, second },
    quota: null,
  });
  if (received.kind === 'refused') return received.completion;
  // An upload may take long, and a right may be gone by then.
  const still = await askAgain(command, context, options.sharing);
  if (still.kind === 'refused') return still.completion;
  const [given] = received.messages;
  if (given === undefined) throw new Error('a message was received and is not there');
  const selected = SelectedMailbox.of(context.session);
  const message = { ...given, flags: onlyPermitted(given.flags, permittedFlags(still.rights)) };
  const outcome = await store.replace(
    {
      operation,
      from: selected.mailbox,
      uid,
      owner,
      mailbox: name,
      message,
      ...onlyOf(still),
      ...byReader(still.place),
    },
    context.attempt,
  );
  if (outcome.kind !== 'replaced') return refusal(outcome.kind, selected);
  await tellOldName(context, { name: command.mailbox, old: asWritten(context, command.mailbox) });
  return complete({ outcome, uid, selected }, context, options);
}

async function refusal(
  kind: Exclude<ReplaceOutcome['kind'], 'replaced'>,
  selected: SelectedMailbox,
): Promise<Completion> {
  if (kind === 'noMailbox') return noMailbox();
  if (kind === 'overQuota') return overQuota;
  if (kind === 'tooManyKeywords') return no('The mailbox can hold no more different keywords', 'LIMIT');
  await selected.refresh();
  return no('The message does not exist any more', 'EXPUNGEISSUED');
}

const noMailbox = (): Completion => no('There is no such mailbox', 'TRYCREATE');

type Done = {
  readonly outcome: Extract<ReplaceOutcome, { readonly kind: 'replaced' }>;
  readonly uid: Uid;
  readonly selected: SelectedMailbox;
};

/** RFC 8508, 4.3: the UID of the new message is told before the old one is told as gone. */
async function complete(
  { outcome, uid, selected }: Done,
  { output, attempt, session }: CommandContext,
  { services, capabilities }: ReplaceOptions,
): Promise<Completion> {
  const { view } = selected.cursor;
  noteOwnArrivals(session, outcome.mailbox, [outcome.uid]);
  view.applyExpunged([uid], outcome.modSeq);
  await services.views.announce(selected.mailbox, outcome.modSeq, attempt);
  if (outcome.mailbox !== selected.mailbox) await services.views.announce(outcome.mailbox, null);
  if (capabilities.has('UIDPLUS')) {
    await output.write(`* OK [APPENDUID ${outcome.uidValidity} ${outcome.uid}] Replacement message ready\r\n`);
  }
  // RFC 8508, 4.5: as after UID EXPUNGE.
  return ok('REPLACE completed', selected.modSeqCode);
}
