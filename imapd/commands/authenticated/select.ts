import { firstUnseen } from '../../mailbox/first-unseen.ts';
import type { MailboxCursor } from '../../mailbox/mailbox-cursor.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { mailboxObjectId } from '../../mailbox/object-ids.ts';
import { knownBy } from '../../mailbox/resync/known.ts';
import { tellMissed } from '../../mailbox/resync/missed.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { withoutHold } from '../../mailbox/without-hold.ts';
import type { QuickResync } from '../../protocol/quick-resync.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type Attempt, RepositoryUnavailable } from '../../routing/repository-access.ts';
import { ConnectionClosed } from '../../session/output.ts';
import type { Session } from '../../session/session.ts';
import type { FoundMailbox } from '../../store/mailbox-state.ts';
import type { Quota } from '../../store/quota.ts';
import type { Uid } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { bad, no, ok } from '../completion.ts';
import { overQuotaText } from '../quota/quota-line.ts';
import { asWritten, writeName } from './old-name.ts';

/** RFC 3501, 6.3.1 and 6.3.2; RFC 7162, 3.1, 3.2.5 and 3.2.11. EXAMINE is SELECT that changes nothing. */
export const select = (
  services: MailboxServices,
  name: 'SELECT' | 'EXAMINE',
  capabilities: Capabilities,
): CommandHandler<'SELECT' | 'EXAMINE'> => ({
  name,
  states: SIGNED_IN,
  updates: () => 'none',
  async run(command, context) {
    const { session, output } = context;
    const { qresync } = command;
    // Like an argument that is malformed: nothing is selected, and nothing left.
    if (qresync !== null && !session.enabled.has('QRESYNC')) return bad('QRESYNC was not enabled', 'CLIENTBUG');
    await leave(context, capabilities);
    if (command.condstore) session.enable('CONDSTORE');
    const opened = await open(services, command, context);
    if (opened === null) return no('There is no such mailbox', 'NONEXISTENT');
    const { selected, quota } = opened;
    if (session.state === 'logout') {
      selected.release(); // the client left while its mailbox was loaded
      throw new ConnectionClosed('the client is gone');
    }
    session.select(selected);
    const old = asWritten(context, command.mailbox);
    await output.write(describe(selected, { session, old, capabilities, quota }));
    if (qresync !== null) await resync(selected, qresync, context);
    return selected.readOnly ? ok('EXAMINE completed', 'READ-ONLY') : ok('SELECT completed', 'READ-WRITE');
  },
});

type Select = CommandOf<'SELECT' | 'EXAMINE'>;

/** RFC 7162, 3.2.11: what is told from now on is of another mailbox, though nobody may have asked for CONDSTORE. RFC 9051, 7.1: the same. */
async function leave({ session, output }: CommandContext, capabilities: Capabilities): Promise<void> {
  if (session.selected === null) return;
  session.deselect();
  if (session.rev2 || capabilities.has('CONDSTORE'))
    await output.write('* OK [CLOSED] The mailbox that was selected is left\r\n');
}

/** RFC 7162, 3.2.5: UIDs of another UIDVALIDITY mean nothing. */
async function resync(selected: SelectedMailbox, qresync: QuickResync, context: CommandContext): Promise<void> {
  if (qresync.uidValidity !== selected.cursor.view.state.uidValidity) return;
  try {
    await tellMissed(selected, knownBy(qresync), context);
  } catch (error) {
    context.session.deselect(); // a SELECT that fails selects nothing
    throw error;
  }
}

/** `quota` null: where there is no writer nobody can tell. */
type Opened<T> = { readonly selected: T; readonly quota: Quota | null };

async function open(
  services: MailboxServices,
  command: Select,
  context: CommandContext,
): Promise<Opened<SelectedMailbox> | null> {
  const { session } = context;
  const { store } = session.user;
  const opened = await openCursor(services, command, context);
  if (opened === null) return null;
  const { selected: cursor, quota } = opened;
  const readOnly = command.name === 'EXAMINE';
  try {
    const recentFrom = await firstRecent(services, { cursor, readOnly }, context);
    const selected = new SelectedMailbox({
      views: services.views,
      deferred: services.deferred,
      claims: services.recentClaims,
      store,
      session,
      cursor,
      readOnly,
      recentFrom,
    });
    return { selected, quota };
  } catch (error) {
    services.views.leave(cursor);
    throw error;
  }
}

/**
 * Without a writer a mailbox can be selected that somebody here has selected. One that was selected lately may have changed
 * since, or even its name: it will do only when the wait for a writer has ended in vain.
 */
async function openCursor(
  services: MailboxServices,
  command: Select,
  context: CommandContext,
): Promise<Opened<MailboxCursor> | null> {
  const { name: owner, store } = context.session.user;
  const { views } = services;
  const known = { store, owner, name: command.mailbox };
  const find = (attempt: Attempt): Promise<FoundMailbox | null> => store.findMailbox(owner, command.mailbox, attempt);
  try {
    let found = await withoutHold(find);
    if (found === 'unavailable') {
      const watched = views.openKnown({ ...known, watched: true });
      if (watched !== null) return { selected: watched, quota: null };
      found = await find(context.attempt);
    }
    const cursor = found === null ? null : await views.open(store, found.id, context.attempt);
    return cursor === null ? null : { selected: cursor, quota: found?.quota ?? null };
  } catch (error) {
    const lately = error instanceof RepositoryUnavailable ? views.openKnown({ ...known, watched: false }) : null;
    if (lately === null) throw error;
    return { selected: lately, quota: null };
  }
}

/** From which UID on messages are \Recent to this session. In IMAP4rev2 there is no \Recent: others may have it. */
async function firstRecent(
  services: MailboxServices,
  { cursor, readOnly }: { readonly cursor: MailboxCursor; readonly readOnly: boolean },
  context: CommandContext,
): Promise<Uid> {
  if (context.session.rev2) return (cursor.view.table.lastUid + 1) as Uid;
  return readOnly ? cursor.view.state.recentFrom : await claimRecent(services, cursor, context);
}

/** From which UID on messages are \Recent to this session, and to no later one. */
async function claimRecent(services: MailboxServices, cursor: MailboxCursor, context: CommandContext): Promise<Uid> {
  const { id, recent, recentFrom } = cursor.view.state;
  if (recent === 0) return (cursor.view.table.lastUid + 1) as Uid;
  const { store } = context.session.user;
  const claimed = await withoutHold((attempt) => store.claimRecent(id, context.newOperation(), attempt));
  if (claimed !== 'unavailable') return claimed;
  services.deferred.claimRecent(store, id);
  return recentFrom;
}

type Described = {
  readonly session: Session;
  /** The name of the mailbox as the client wrote it. */
  readonly old: string;
  readonly capabilities: Capabilities;
  readonly quota: Quota | null;
};

function describe(selected: SelectedMailbox, { session, old, capabilities, quota }: Described): Buffer {
  const { cursor } = selected;
  const { state, modSeq } = cursor.view;
  const writer = new ResponseWriter(session.mailboxNames);
  selected.writeFlagLists(writer);
  writer.raw('* ').number(cursor.count).raw(' EXISTS\r\n');
  if (session.rev2) writeName(writer, { name: state.name, old });
  else writeFormerCounts(writer, selected);
  writer.status('OK', 'UIDs valid', `UIDVALIDITY ${state.uidValidity}`);
  writer.status('OK', 'Predicted next UID', `UIDNEXT ${state.uidNext}`);
  if (capabilities.has('CONDSTORE')) writer.status('OK', 'Highest mod-sequence', `HIGHESTMODSEQ ${modSeq}`);
  if (capabilities.has('OBJECTID')) writer.status('OK', 'For ever', `MAILBOXID (${mailboxObjectId(state.id)})`);
  const over = quota === null ? null : overQuotaText(quota);
  if (over !== null) writer.status('NO', over, 'OVERQUOTA');
  return writer.take();
}

/** What IMAP4rev2 has given up: RECENT and the first unseen message (RFC 9051, appendix E). */
function writeFormerCounts(writer: ResponseWriter, selected: SelectedMailbox): void {
  const unseen = firstUnseen(selected.cursor);
  writer.raw('* ').number(selected.recent).raw(' RECENT\r\n');
  // RFC 9586: no message number is told.
  if (unseen > 0 && !selected.uidOnly) writer.status('OK', 'First unseen message', `UNSEEN ${unseen}`);
}
