import { onlyPermitted, permittedFlags } from '../../acl/permitted-flags.ts';
import { appendPlaceOf, type Permitted, type Sharing } from '../../acl/sharing.ts';
import { noteOwnArrivals } from '../../mailbox/notify/own-arrivals.ts';
import type { OpenViews } from '../../mailbox/open-views.ts';
import type { AppendStep } from '../../protocol/command.ts';
import type { Limits } from '../../protocol/limits.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { FoundMailbox } from '../../store/mailbox-state.ts';
import type { AppendOutcome } from '../../store/store.ts';
import type { Announce } from '../announce.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { asWritten, tellOldName } from '../authenticated/old-name.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { overQuota } from '../quota/over-quota.ts';
import { AppendRefused } from './append-refused.ts';
import { receiveMessages } from './receive-messages.ts';
import { RefusedLately } from './refused-lately.ts';

export type AppendOptions = {
  readonly capabilities: Capabilities;
  readonly announce: Announce;
  /** Before `announce`: what it need not ask for then. */
  readonly appended: OpenViews['appended'];
  readonly sharing: Sharing;
  readonly limits: Limits;
  readonly now: () => Date;
};

/**
 * RFC 3501, 6.3.11; several messages: RFC 3502; out of what is here already: RFC 4469. They go to the store as they arrive,
 * in bounded memory, and become part of the mailbox together, once the whole command is there.
 */
export const append = (options: AppendOptions): CommandHandler<'APPEND'> => {
  const refused = new RefusedLately();
  return {
    name: 'APPEND',
    states: SIGNED_IN,
    async run(command, context) {
      if (!isWhole(command.steps, context)) return bad('Expected a message as a literal');
      const { name, mailbox } = command;
      const user = context.session.user.name;
      // Asked first, so that a client which waits for leave sends no message in vain. What comes anyway the store may refuse.
      const unasked = isOnItsWay(command.steps, context) && !refused.has(user, mailbox);
      const target = await options.sharing[unasked ? 'permit' : 'find']({ command: name, mailbox }, context);
      if (target.kind === 'refused') return target.completion;
      const completion = await take({ command, target }, context, options);
      if (completion.status === 'NO' && target.mailbox === null) refused.note(user, mailbox);
      return completion;
    },
  };
};

/** Does a literal that the command announces really stream? Before sign-in, and in words gone wrong, none does. */
export const isWhole = (steps: readonly AppendStep[], { message }: CommandContext): boolean =>
  (steps.at(-1)?.kind === 'literal') === (message !== null);

/** A literal that nobody waits for leave to send is taken without a question up to this size: what is kept in memory anyway. */
const UNASKED = 256 * 1024;

function isOnItsWay(steps: readonly AppendStep[], { message }: CommandContext): boolean {
  const [begun, first] = steps;
  if (begun?.kind !== 'message' || begun.catenated || first?.kind !== 'literal') return false;
  return message?.synchronizing === false && first.size <= UNASKED;
}

type Request = { readonly command: CommandOf<'APPEND'>; readonly target: Permitted };

async function take(
  { command, target }: Request,
  context: CommandContext,
  options: AppendOptions,
): Promise<Completion> {
  const { session, attempt, newOperation } = context;
  const { place, mailbox } = target;
  const operation = newOperation();
  const { capabilities } = options;
  const second = capabilities.has('MULTIAPPEND') ? null : bad('One message a command: there is no MULTIAPPEND');
  const received = await receiveMessages(command.steps, {
    ...options,
    ...{ command: 'APPEND', context, store: place.store, operation, second },
    ...(mailbox === null ? { quota: null, askLater: () => ask(command, context, options) } : { quota: mailbox.quota }),
  });
  if (received.kind === 'refused') return received.completion;
  // An upload may take long, and a right may be gone by then.
  const still = await options.sharing.permit({ command: 'APPEND', mailbox: command.mailbox }, context);
  if (still.kind === 'refused') return still.completion;
  const permitted = permittedFlags(still.rights);
  const messages = received.messages.map((each) => ({ ...each, flags: onlyPermitted(each.flags, permitted) }));
  const outcome = await place.store.append({ operation, ...appendPlaceOf(still), messages }, attempt);
  if (outcome.kind === 'appended') {
    await tellOldName(context, { name: command.mailbox, old: asWritten(context, command.mailbox) });
    noteOwnArrivals(session, outcome.mailbox, outcome.uids);
    // Of who has \Seen of his own it is not what everybody sees.
    if (still.place.reader === undefined && messages.every(({ flags }) => flags.keywords.length === 0)) {
      const flags = messages.map((each) => each.flags.system);
      const octets = messages.reduce((sum, { staged }) => sum + staged.size, 0);
      options.appended(outcome.mailbox, { ...outcome, flags, octets });
    }
    const selected = session.selected?.mailbox === outcome.mailbox;
    await options.announce(outcome.mailbox, outcome.modSeq, selected ? attempt : undefined);
  }
  return answer(outcome, capabilities.has('UIDPLUS'));
}

/** What `find` would have told before the first message. */
async function ask(
  command: CommandOf<'APPEND'>,
  context: CommandContext,
  { sharing }: AppendOptions,
): Promise<FoundMailbox['quota']> {
  const found = await sharing.find({ command: 'APPEND', mailbox: command.mailbox }, context);
  if (found.kind === 'refused') throw new AppendRefused(found.completion);
  return found.mailbox.quota;
}

function answer(outcome: AppendOutcome, tellUid: boolean): Completion {
  switch (outcome.kind) {
    case 'appended':
      // RFC 4315, 3: the client need not search for its own message.
      return ok('APPEND completed', tellUid ? `APPENDUID ${outcome.uidValidity} ${IdSet.of(outcome.uids)}` : undefined);
    case 'noMailbox':
      return noMailbox();
    case 'tooManyKeywords':
      return no('The mailbox can hold no more different keywords', 'LIMIT');
    case 'overQuota':
      return overQuota;
  }
}

const noMailbox = (): Completion => no('There is no such mailbox', 'TRYCREATE');
