import type { Sharing } from '../../acl/sharing.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { isOfOthers } from '../../mailbox/notify/event-filter.ts';
import { Notifications } from '../../mailbox/notify/notifications.ts';
import { EVENT_NAMES, type EventGroup, type NotifyEvent } from '../../protocol/notify.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import { type CommandContext, type CommandHandler, type CommandOf, SIGNED_IN } from '../command-handler.ts';
import { type Completion, no, ok } from '../completion.ts';
import { useCondstore } from '../use-condstore.ts';

export type NotifyOptions = {
  readonly capabilities: Capabilities;
  readonly services: MailboxServices;
  readonly sharing: Sharing;
  /** What may wait to be told to one client. */
  readonly maxNotifications: number;
};

/** RFC 5465, 3.1. What others did to the selected mailbox until now is told as by NOOP. */
export const notify = (options: NotifyOptions): CommandHandler<'NOTIFY'> => ({
  name: 'NOTIFY',
  states: SIGNED_IN,
  capability: 'NOTIFY',
  // What is wanted of the selected mailbox from now on has been told already.
  updates: () => 'none',
  async run(command, context) {
    const refused = refusal(command, options.capabilities);
    if (refused !== null) return refused;
    const { levels } = options.sharing;
    if (isUnheard(command.groups ?? [], levels)) return notWatched;
    const { session, output, attempt, log } = context;
    if (command.groups?.some(({ fetch }) => fetch.some(({ kind }) => kind === 'MODSEQ')) === true) {
      await useCondstore(context);
    }
    const { capabilities, services, maxNotifications: most } = options;
    const parts = { session, capabilities, watches: services.watches, levels, most, log };
    const news = new Notifications(command.groups ?? [], parts);
    await news.open(attempt);
    try {
      session.hear(null);
      await tellSoFar(context);
      if (command.status) await news.tellStatus(output);
    } catch (error) {
      news.close();
      throw error;
    }
    session.hear(news);
    return ok('NOTIFY completed');
  },
});

/** Everything: what was not wanted until now, too. */
async function tellSoFar({ session, output }: CommandContext): Promise<void> {
  await session.selected?.refresh();
  await session.selected?.report('all', output);
}

function refusal({ groups }: CommandOf<'NOTIFY'>, capabilities: Capabilities): Completion | null {
  const metadata: readonly NotifyEvent[] = ['MailboxMetadataChange', 'ServerMetadataChange'];
  const known = EVENT_NAMES.filter(
    (name) => name !== 'AnnotationChange' && (capabilities.has('METADATA') || !metadata.includes(name)),
  );
  const asked = (groups ?? []).flatMap(({ events, unknown }) => [...events, ...unknown]);
  const strange = asked.find((name) => !known.some((each) => each === name));
  if (strange === undefined) return null;
  return no(`There is no event ${strange.slice(0, 40)} here`, `BADEVENT (${known.join(' ')})`);
}

/** Of mailboxes of others nothing is told but whether one is subscribed to them. */
const TOLD_OF_OTHERS: readonly NotifyEvent[] = ['SubscriptionChange', 'ServerMetadataChange'];
const notWatched = no('Mailboxes of others are watched only while they are selected', 'NOTIFICATIONOVERFLOW');

/** RFC 5465, 3.1: is nothing asked for that could ever be told? */
function isUnheard(groups: readonly EventGroup[], levels: readonly string[]): boolean {
  const wanted = groups.filter(({ events }) => events.length > 0);
  const unheard = ({ filter, events }: EventGroup): boolean =>
    'names' in filter &&
    filter.names.every((name) => isOfOthers(name, levels)) &&
    !TOLD_OF_OTHERS.some((event) => events.includes(event));
  return wanted.length > 0 && wanted.every(unheard);
}
