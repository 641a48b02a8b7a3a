import { permittedFlags } from '../../acl/permitted-flags.ts';
import type { Permitted, Sharing } from '../../acl/sharing.ts';
import { copyAcross } from '../../mailbox/copy-across.ts';
import { learnOfNewUids } from '../../mailbox/learn-of-new-uids.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { messagesOf, namesUnknown, uidList } from '../../mailbox/message-ids.ts';
import { noteOwnArrivals } from '../../mailbox/notify/own-arrivals.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { IdSet } from '../../protocol/sets/id-set.ts';
import type { CopyOutcome } from '../../store/store.ts';
import type { Uid } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, SELECTED } from '../command-handler.ts';
import { bad, type Completion, no, ok } from '../completion.ts';
import { overQuota } from '../quota/over-quota.ts';
import { lacking } from './lacking.ts';

export type CopyOptions = {
  readonly services: MailboxServices;
  readonly capabilities: Capabilities;
  readonly sharing: Sharing;
};

/** RFC 3501, 6.4.7; COPYUID: RFC 4315, 3; MOVE: RFC 6851. One transaction, however many messages, within a partition. */
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
    const uids = uidList(messagesOf(command, selected).uids);
    if (uids.length === 0) return ok(`${command.name} completed: there was nothing to do`);
    return await transfer({ selected, target, uids, move: name === 'MOVE' }, context, options);
  },
});

type Transfer = {
  readonly selected: SelectedMailbox;
  readonly target: Permitted;
  readonly uids: readonly Uid[];
  readonly move: boolean;
};

async function transfer(
  { selected, target, uids, move }: Transfer,
  context: CommandContext,
  { services, capabilities }: CopyOptions,
): Promise<Completion> {
  const { place, rights } = target;
  const { view } = selected.cursor;
  const permitted = permittedFlags(rights);
  const request = { operation: context.newOperation(), uids, move };
  const outcome =
    place.store === selected.store
      ? await place.store.copy(
          {
            ...{ ...request, from: selected.mailbox, owner: place.owner, to: place.name },
            ...(permitted === null ? {} : { keep: permitted }),
          },
          context.attempt,
        )
      : await copyAcross(
          {
            ...{ ...request, from: { store: selected.store, view }, to: place, permitted },
            moved: (gone, modSeq) => view.applyExpunged(gone, modSeq),
          },
          context.attempt,
        );
  if (outcome.kind !== 'copied') return refusal(outcome.kind);
  noteOwnArrivals(context.session, outcome.mailbox, outcome.target);
  if (move) view.applyExpunged(outcome.source, outcome.modSeq);
  await announce(services, selected, { outcome, move });
  return complete(outcome, { selected, move, context, tellUids: capabilities.has('UIDPLUS') });
}

type Copied = Extract<CopyOutcome, { readonly kind: 'copied' }>;

function refusal(kind: Exclude<CopyOutcome['kind'], 'copied'>): Completion {
  if (kind === 'overQuota') return overQuota;
  if (kind === 'noMailbox') return no('There is no such mailbox', 'TRYCREATE');
  return no('The other mailbox has as many keywords as it can hold', 'LIMIT');
}

async function announce(
  services: MailboxServices,
  selected: SelectedMailbox,
  done: { readonly outcome: Copied; readonly move: boolean },
): Promise<void> {
  if (done.outcome.source.length === 0) return;
  if (done.move) await services.views.announce(selected.mailbox, done.outcome.modSeq);
  await services.views.announce(done.outcome.mailbox, null);
}

/** RFC 6851, 4.3: MOVE tells COPYUID in an untagged OK before the EXPUNGE responses, COPY in its tagged one. */
async function complete(
  outcome: Copied,
  run: {
    readonly selected: SelectedMailbox;
    readonly move: boolean;
    readonly context: CommandContext;
    readonly tellUids: boolean;
  },
): Promise<Completion> {
  if (outcome.source.length === 0) return no('The messages do not exist any more', 'EXPUNGEISSUED');
  const code = `COPYUID ${outcome.uidValidity} ${IdSet.of(outcome.source)} ${IdSet.of(outcome.target)}`;
  if (!run.move) return ok('COPY completed', run.tellUids ? code : undefined);
  if (run.tellUids) await run.context.output.write(`* OK [${code}] Moved\r\n`);
  // RFC 6851, 4.4: as EXPUNGE does.
  const { condstore, cursor } = run.selected;
  return ok('MOVE completed', condstore ? `HIGHESTMODSEQ ${cursor.highestModSeq}` : undefined);
}
