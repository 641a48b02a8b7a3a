import type { Place } from '../../acl/mailbox-place.ts';
import { EVERY_RIGHT } from '../../acl/rights.ts';
import { rightsNow } from '../../acl/rights-now.ts';
import type { Refused, Sharing } from '../../acl/sharing.ts';
import { firstUnseen } from '../../mailbox/first-unseen.ts';
import type { MailboxCursor } from '../../mailbox/mailbox-cursor.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { mailboxObjectId } from '../../mailbox/object-ids.ts';
import { knownBy } from '../../mailbox/resync/known.ts';
import { tellMissed } from '../../mailbox/resync/missed.ts';
import { changes, type SelectedAccess, SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import { withoutHold } from '../../mailbox/without-hold.ts';
import type { QuickResync } from '../../protocol/quick-resync.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type Attempt, RepositoryUnavailable } from '../../routing/repository-access.ts';
import { ConnectionClosed } from '../../session/output.ts';
import type { Session } from '../../session/session.ts';
import type { FoundMailbox } from '../../store/mailbox-state.ts';
import type { Quota } from '../../store/quota.ts';
import type { Store } from '../../store/store.ts';
import type { Uid } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { bad, no, ok } from '../completion.ts';
import { overQuotaText } from '../quota/quota-line.ts';
import { asWritten, writeName } from './old-name.ts';

export type SelectOptions = {
  readonly services: MailboxServices;
  readonly capabilities: Capabilities;
  readonly sharing: Sharing;
};

/** RFC 3501, 6.3.1 and 6.3.2; RFC 7162, 3.1, 3.2.5 and 3.2.11. EXAMINE is SELECT that changes nothing. */
export const select = (name: 'SELECT' | 'EXAMINE', options: SelectOptions): CommandHandler<'SELECT' | 'EXAMINE'> => ({
  name,
  states: SIGNED_IN,
  updates: () => 'none',
  async run(command, context) {
    const { session, output } = context;
    const { capabilities } = options;
    const { qresync } = command;
    // Like an argument that is malformed: nothing is selected, and nothing left.
    if (qresync !== null && !session.enabled.has('QRESYNC')) return bad('QRESYNC was not enabled', 'CLIENTBUG');
    await leave(context, capabilities);
    if (command.condstore) session.enable('CONDSTORE');
    const opened = await open(options, command, context);
    if (opened === null) return no('There is no such mailbox', 'NONEXISTENT');
    if ('kind' in opened) return opened.completion;
    const { selected, quota, place } = opened;
    if (session.state === 'logout') {
      selected.release(); // the client left while its mailbox was loaded
      throw new ConnectionClosed('the client is gone');
    }
    session.select(selected);
    const old = asWritten(context, command.mailbox);
    await output.write(describe(selected, { session, name: place.shown, old, capabilities, quota }));
    if (qresync !== null) await resync(selected, qresync, context);
    return ok(`${command.name} completed`, selected.writable ? 'READ-WRITE' : 'READ-ONLY');
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
type Opened<T> = {
  readonly selected: T;
  readonly quota: Quota | null;
  readonly place: Place;
  readonly access: SelectedAccess;
};

async function open(
  { services, sharing }: SelectOptions,
  command: Select,
  context: CommandContext,
): Promise<Opened<SelectedMailbox> | Refused | null> {
  const { session } = context;
  const place = sharing.place(command.mailbox, session.user);
  const opened =
    place.kind === 'own'
      ? await openOwn(services, place, context)
      : await openOther(services, { sharing, command }, context);
  if (opened === null || 'kind' in opened) return opened;
  const { selected: cursor, access } = opened;
  const { store } = opened.place;
  const readOnly = command.name === 'EXAMINE';
  try {
    const claims = !readOnly && changes(access.rights);
    const recentFrom = await firstRecent(services, { cursor, store, claims }, context);
    const selected = new SelectedMailbox({
      views: services.views,
      deferred: services.deferred,
      claims: services.recentClaims,
      store,
      session,
      cursor,
      readOnly,
      above: opened.place.kind === 'own' ? null : sharing.prefix,
      access,
      recentFrom,
    });
    return { ...opened, selected };
  } catch (error) {
    services.views.leave(cursor);
    throw error;
  }
}

/**
 * Without a writer a mailbox can be selected that somebody here has selected. One that was selected lately may have changed
 * since, or even its name: it will do only when the wait for a writer has ended in vain.
 */
async function openOwn(
  { views }: MailboxServices,
  place: Place,
  context: CommandContext,
): Promise<Opened<MailboxCursor> | null> {
  const { owner, name, store } = place;
  const own = { place, access: { rights: EVERY_RIGHT, ask: null } };
  const known = { store, owner, name };
  const find = (attempt: Attempt): Promise<FoundMailbox | null> => store.findMailbox(owner, name, attempt);
  try {
    let found = await withoutHold(find);
    if (found === 'unavailable') {
      const watched = views.openKnown({ ...known, watched: true });
      if (watched !== null) return { ...own, selected: watched, quota: null };
      found = await find(context.attempt);
    }
    const cursor = found === null ? null : await views.open(store, found.id, context.attempt);
    return cursor === null ? null : { ...own, selected: cursor, quota: found?.quota ?? null };
  } catch (error) {
    const lately = error instanceof RepositoryUnavailable ? views.openKnown({ ...known, watched: false }) : null;
    if (lately === null) throw error;
    return { ...own, selected: lately, quota: null };
  }
}

/** Of somebody else, who may have changed his mind: without a writer nobody can tell. */
async function openOther(
  { views }: MailboxServices,
  { sharing, command }: { readonly sharing: Sharing; readonly command: Select },
  context: CommandContext,
): Promise<Opened<MailboxCursor> | Refused | null> {
  const found = await sharing.find({ command: command.name, mailbox: command.mailbox }, context);
  if (found.kind === 'refused') return found;
  const { place, rights, mailbox } = found;
  const { store } = place;
  const cursor = await views.openBy(store, { mailbox: mailbox.id, reader: place.reader ?? null }, context.attempt);
  if (cursor === null) return null;
  const ask = rightsNow({ place, mailbox: mailbox.id, user: context.session.user, sharing });
  return { selected: cursor, quota: mailbox.quota, place, access: { rights, ask } };
}

/** From which UID on messages are \Recent to this session. In IMAP4rev2 there is no \Recent: others may have it. */
async function firstRecent(
  services: MailboxServices,
  { cursor, store, claims }: { readonly cursor: MailboxCursor; readonly store: Store; readonly claims: boolean },
  context: CommandContext,
): Promise<Uid> {
  if (context.session.rev2) return (cursor.view.table.lastUid + 1) as Uid;
  return claims ? await claimRecent(services, { cursor, store }, context) : cursor.view.state.recentFrom;
}

/** From which UID on messages are \Recent to this session, and to no later one. */
async function claimRecent(
  services: MailboxServices,
  { cursor, store }: { readonly cursor: MailboxCursor; readonly store: Store },
  context: CommandContext,
): Promise<Uid> {
  const { id, recent, recentFrom } = cursor.view.state;
  if (recent === 0) return (cursor.view.table.lastUid + 1) as Uid;
  const claimed = await withoutHold((attempt) => store.claimRecent(id, context.newOperation(), attempt));
  if (claimed !== 'unavailable') return claimed;
  services.deferred.claimRecent(store, id);
  return recentFrom;
}

type Described = {
  readonly session: Session;
  /** What the session calls it. */
  readonly name: string;
  /** The name of the mailbox as the client wrote it. */
  readonly old: string;
  readonly capabilities: Capabilities;
  readonly quota: Quota | null;
};

function describe(selected: SelectedMailbox, { session, name, old, capabilities, quota }: Described): Buffer {
  const { cursor } = selected;
  const { state, modSeq } = cursor.view;
  const writer = new ResponseWriter(session.mailboxNames);
  selected.writeFlagLists(writer);
  writer.raw('* ').number(cursor.count).raw(' EXISTS\r\n');
  if (session.rev2) writeName(writer, { name, old });
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
