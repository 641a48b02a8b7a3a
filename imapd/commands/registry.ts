import type { MailboxServices } from '../mailbox/mailbox-services.ts';
import type { CommandName } from '../protocol/command.ts';
import type { Announce } from './announce.ts';
import { append } from './append.ts';
import { authenticate } from './authenticate.ts';
import { capability } from './capability.ts';
import type { CommandHandler } from './command-handler.ts';
import { create } from './create.ts';
import { deleteMailbox } from './delete.ts';
import { enable } from './enable.ts';
import { id } from './id.ts';
import { list } from './list.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { lsub } from './lsub.ts';
import { namespace } from './namespace.ts';
import { noop } from './noop.ts';
import { rename } from './rename.ts';
import { selectedCommands } from './selected-commands.ts';
import type { SignInOptions } from './sign-in.ts';
import { startTls } from './starttls.ts';
import { status } from './status.ts';
import { subscribe } from './subscribe.ts';
import { unsubscribe } from './unsubscribe.ts';

export type CommandDependencies = SignInOptions & {
  readonly mailboxes: MailboxServices;
  readonly now: () => Date;
};

/** Every command of the server, by name. */
export function createCommands(dependencies: CommandDependencies): ReadonlyMap<CommandName, CommandHandler> {
  const { capabilities, mailboxes, now } = dependencies;
  const announce: Announce = (mailbox, modSeq) => mailboxes.views.announce(mailbox, modSeq);
  const handlers: readonly CommandHandler[] = [
    capability(capabilities),
    noop,
    logout,
    id,
    startTls(capabilities),
    login(dependencies),
    authenticate(dependencies),
    enable(capabilities),
    namespace,
    list(capabilities),
    lsub,
    status(capabilities),
    create,
    deleteMailbox,
    rename({ announce }),
    subscribe,
    unsubscribe,
    append({ capabilities, now, announce }),
    ...selectedCommands(mailboxes, { capabilities }),
  ];
  return new Map(handlers.map((handler) => [handler.name, handler]));
}
