import type { SharedNamespaces } from '../acl/shared-namespaces.ts';
import { Sharing } from '../acl/sharing.ts';
import type { SharingPolicy } from '../acl/sharing-policy.ts';
import type { MailboxServices } from '../mailbox/mailbox-services.ts';
import type { CommandName } from '../protocol/command.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Store } from '../store/store.ts';
import { aclCommands } from './acl/acl-commands.ts';
import type { Announce } from './announce.ts';
import { capability } from './any-state/capability.ts';
import { id } from './any-state/id.ts';
import { logout } from './any-state/logout.ts';
import { noop } from './any-state/noop.ts';
import { append } from './append/append.ts';
import { compress } from './authenticated/compress.ts';
import { create } from './authenticated/create.ts';
import { deleteMailbox } from './authenticated/delete.ts';
import { enable } from './authenticated/enable.ts';
import { list } from './authenticated/list.ts';
import { lsub } from './authenticated/lsub.ts';
import { namespace } from './authenticated/namespace.ts';
import { rename } from './authenticated/rename.ts';
import { status } from './authenticated/status.ts';
import { subscribe } from './authenticated/subscribe.ts';
import { unauthenticate } from './authenticated/unauthenticate.ts';
import { unsubscribe } from './authenticated/unsubscribe.ts';
import type { CommandHandler } from './command-handler.ts';
import { getMetadata } from './metadata/get-metadata.ts';
import type { MetadataPolicy } from './metadata/metadata-policy.ts';
import { setMetadata } from './metadata/set-metadata.ts';
import { multiSearch } from './multi-search/multi-search.ts';
import { authenticate } from './not-authenticated/authenticate.ts';
import { login } from './not-authenticated/login.ts';
import type { SignInOptions } from './not-authenticated/sign-in.ts';
import { startTls } from './not-authenticated/starttls.ts';
import { notify } from './notify/notify.ts';
import { getQuota } from './quota/get-quota.ts';
import { getQuotaRoot } from './quota/get-quota-root.ts';
import type { Administration } from './quota/quota-root.ts';
import { setQuota } from './quota/set-quota.ts';
import { selectedCommands } from './selected/selected-commands.ts';

export type CommandDependencies = SignInOptions &
  Administration & {
    readonly mailboxes: MailboxServices;
    readonly idleKeepAliveMs: number;
    readonly limits: Limits;
    /** Searches of one session that are kept up (RFC 5267). */
    readonly maxContexts: number;
    /** What may wait to be told to one client (RFC 5465). */
    readonly maxNotifications: number;
    readonly maxNotifyOthers: number;
    readonly now: () => Date;
    /** Of all partitions. */
    readonly stores: () => readonly Store[];
    readonly sharing: SharingPolicy;
    readonly namespaces: SharedNamespaces;
    readonly metadata: MetadataPolicy;
  };

/** Every command of the server, by name. */
export function createCommands(dependencies: CommandDependencies): ReadonlyMap<CommandName, CommandHandler> {
  const { capabilities, mailboxes, now, limits, idleKeepAliveMs, maxContexts, maxNotifications, metadata, placeOf } =
    dependencies;
  const { stores, sharing: policy, standings, namespaces } = dependencies;
  const enabled = capabilities.has('ACL');
  const sharing = new Sharing({ placeOf, namespaces, stores, policy, standings, enabled });
  const announce: Announce = (...change) => mailboxes.views.announce(...change);
  const handlers: readonly CommandHandler[] = [
    capability(capabilities),
    noop,
    logout,
    id,
    startTls(capabilities),
    login(dependencies),
    authenticate(dependencies),
    unauthenticate(capabilities),
    enable(capabilities),
    compress,
    namespace(sharing),
    list(capabilities, sharing),
    lsub(sharing),
    status(capabilities, sharing),
    create(capabilities, sharing),
    deleteMailbox({ announce, sharing }),
    rename({ announce, sharing }),
    subscribe(sharing),
    getQuota(dependencies),
    getQuotaRoot(sharing),
    setQuota(dependencies),
    getMetadata(metadata, sharing),
    setMetadata(metadata, sharing),
    ...aclCommands(sharing, { ...dependencies, announce }),
    unsubscribe(sharing),
    append({ capabilities, limits, now, announce, sharing, appended: (...news) => mailboxes.views.appended(...news) }),
    notify({ ...dependencies, services: mailboxes, sharing }),
    multiSearch({ capabilities, now, sharing, services: mailboxes, most: limits.searchedMailboxes }),
    ...selectedCommands(mailboxes, {
      ...{ capabilities, limits, idleKeepAliveMs, maxContexts, maxNotifications, now, sharing },
    }),
  ];
  return new Map(handlers.map((handler) => [handler.name, handler]));
}
