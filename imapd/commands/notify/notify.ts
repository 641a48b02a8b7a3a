import { sharedListings } from '../../acl/shared-listings.ts';
import type { Sharing } from '../../acl/sharing.ts';
import type { MailboxServices } from '../../mailbox/mailbox-services.ts';
import { Notifications, type NotificationsOptions } from '../../mailbox/notify/notifications.ts';
import { EVENT_NAMES, type NotifyEvent } from '../../protocol/notify.ts';
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
  /** Mailboxes of others that are watched for one session. */
  readonly maxNotifyOthers: number;
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
    const { session, output, attempt } = context;
    if (command.groups?.some(({ fetch }) => fetch.some(({ kind }) => kind === 'MODSEQ')) === true) {
      await useCondstore(context);
    }
    const news = new Notifications(command.groups ?? [], notificationsOptions(context, options));
    try {
      if ((await news.open(attempt)) === 'tooMany') {
        news.close();
        return tooMany;
      }
      session.hear(null);
      await tellSoFar(context);
      await news.tellNoAccess(output);
      if (command.status) await news.tellStatus(output);
    } catch (error) {
      news.close();
      throw error;
    }
    session.hear(news);
    return ok('NOTIFY completed');
  },
});

function notificationsOptions(
  { session, log }: CommandContext,
  { capabilities, services, sharing, maxNotifications, maxNotifyOthers }: NotifyOptions,
): NotificationsOptions {
  const { watches, others } = services;
  return {
    ...{ session, capabilities, watches, others, log },
    levels: sharing.levels,
    most: maxNotifications,
    mostOthers: maxNotifyOthers,
    listOthers: (request, attempt) => sharedListings(sharing, request, { session, attempt, log }),
    sharedSeen: sharing.readerOf(session.user) === null,
  };
}

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

const tooMany = no('There are more mailboxes of others than NOTIFY watches', 'NOTIFICATIONOVERFLOW');
