import type { Logger } from '#runtime/logger.ts';
import type { Command, CommandName } from '../protocol/command.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { ClientInput } from '../session/client-input.ts';
import type { IncomingMessage } from '../session/incoming-message.ts';
import type { Output } from '../session/output.ts';
import type { Updates } from '../session/selection.ts';
import type { Session, SessionState } from '../session/session.ts';
import type { OperationId } from '../store/types.ts';
import type { CapabilityName } from './any-state/capability-table.ts';
import type { Completion } from './completion.ts';

/** The parsed command of one name. */
export type CommandOf<N extends CommandName> = Command & { readonly name: N };

/**
 * A command: when it is allowed, as data that the dispatcher checks once, and what it does. One file each; a command
 * that needs more than the session is made by a function of what it needs (`login(authenticator)`).
 */
export type CommandHandler<N extends CommandName = CommandName> = {
  readonly name: N;
  readonly states: readonly SessionState[];
  /** The extension that brings this command: unknown where the cluster has switched it off. */
  readonly capability?: CapabilityName;
  /** `own`: what it does to the selected mailbox is told as a change of the mailbox. */
  readonly tells?: 'own';
  /** What `run` leaves to tell of the selected mailbox before the tagged response. Default: `all`. */
  updates?(command: CommandOf<N>): Updates;
  /**
   * Writes untagged responses to `context.output` and gives the tagged one. May throw RepositoryUnavailable (answered by
   * NO [UNAVAILABLE]) and ConnectionClosed; anything else is a fault of the server, NO [SERVERBUG], and logged.
   */
  run(command: CommandOf<N>, context: CommandContext): Promise<Completion>;
};

/** What a command may use while it runs. */
export type CommandContext = {
  readonly tag: string;
  /** Mailbox names of the command that the client spelt otherwise, with its spelling (RFC 9051, 6.3.9.7). */
  readonly suppliedNames: ReadonlyMap<string, string>;
  readonly session: Session;
  readonly output: Output;
  /** What the client sends after a `+ `: DONE, answers to AUTHENTICATE. */
  readonly input: ClientInput;
  /** Data that names the TLS connection, of a type of RFC 5056; null where there is none. */
  readonly channelBinding: (type: string) => Buffer | null;
  /** The message of an APPEND, not yet read. */
  readonly message: IncomingMessage | null;
  /** Ends with the connection; its `onHold` keeps the client told while a writer is awaited (RFC 9585). */
  readonly attempt: Attempt;
  /** A fresh id for one mutation. */
  readonly newOperation: () => OperationId;
  readonly log: Logger;
};

/** Commands that need a user but no mailbox. */
export const SIGNED_IN = ['authenticated', 'selected'] as const satisfies readonly SessionState[];
/** Commands for the selected mailbox. */
export const SELECTED = ['selected'] as const satisfies readonly SessionState[];
/** Commands that are always allowed. */
export const ANY_STATE = ['notAuthenticated', 'authenticated', 'selected'] as const satisfies readonly SessionState[];
