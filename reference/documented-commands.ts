import { NO_NAMESPACES } from '#imapd/acl/shared-namespaces.ts';
import { DEFAULT_SHARING_POLICY } from '#imapd/acl/sharing-policy.ts';
import { Standings } from '#imapd/acl/standings.ts';
import { Capabilities } from '#imapd/commands/any-state/capability-table.ts';
import type { CommandHandler } from '#imapd/commands/command-handler.ts';
import { DEFAULT_METADATA_POLICY } from '#imapd/commands/metadata/metadata-policy.ts';
import { createCommands } from '#imapd/commands/registry.ts';
import { MailboxServices } from '#imapd/mailbox/mailbox-services.ts';
import { DEFAULT_LIMITS } from '#imapd/protocol/limits.ts';
import type { OperationId } from '#imapd/store/types.ts';
import { createLogger } from '#runtime/logger.ts';

export type DocumentedCommand = Pick<CommandHandler, 'name' | 'states' | 'capability'>;

/** The commands as the server registers them, made from parts that are never used: only their data is read. */
export function documentedCommands(): readonly DocumentedCommand[] {
  const signal = AbortSignal.abort();
  const mailboxes = new MailboxServices({
    log: createLogger({ program: 'reference' }),
    token: '',
    newOperation: () => '' as OperationId,
    notifyPollMs: 1,
    signal,
  });
  const capabilities = new Capabilities({
    disabled: [],
    tlsAvailable: true,
    clearTextFromAnywhere: false,
    appendLimit: 0,
  });
  const authenticator = async () => ({ kind: 'wrong' }) as const;
  const scram = async () => ({ kind: 'unavailable' }) as const;
  const commands = createCommands({
    ...{ authenticator, scram, tokens: null, certificates: authenticator, capabilities, mailboxes },
    actAs: async () => ({ kind: 'refused', reason: '' }) as const,
    observer: { actedFor: () => undefined },
    idleKeepAliveMs: 0,
    maxContexts: 1,
    maxNotifications: 1,
    maxNotifyOthers: 1,
    limits: DEFAULT_LIMITS,
    now: () => new Date(0),
    metadata: DEFAULT_METADATA_POLICY,
    admins: new Set<string>(),
    placeOf: () => ({ kind: 'nowhere' }),
    stores: () => [],
    sharing: DEFAULT_SHARING_POLICY,
    namespaces: NO_NAMESPACES,
    standings: new Standings({ admins: new Set(), now: () => 0, freshMs: 0 }),
  });
  return [...commands.values()];
}
