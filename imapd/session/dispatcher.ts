import { capabilitiesUsed } from '../commands/any-state/capabilities-used.ts';
import type { Capabilities } from '../commands/any-state/capability-table.ts';
import { usesMessageNumbers } from '../commands/any-state/uses-message-numbers.ts';
import type { CommandContext, CommandHandler } from '../commands/command-handler.ts';
import { bad, type Completion, no, ok } from '../commands/completion.ts';
import type { Command, CommandName } from '../protocol/command.ts';
import { RepositoryFull, RepositoryUnavailable } from '../routing/repository-access.ts';
import { ContentCorrupt } from '../store/content-store.ts';
import { ConnectionClosed } from './output.ts';
import type { Session } from './session.ts';

export type CommandTable = ReadonlyMap<CommandName, CommandHandler>;

/**
 * Finds the handler of a command, checks once whether the session may use it, runs it, and turns every way it can end
 * into a tagged response. Rejects only with ConnectionClosed.
 */
export class Dispatcher {
  readonly #commands: CommandTable;
  readonly #capabilities: Capabilities;

  constructor(options: { readonly commands: CommandTable; readonly capabilities: Capabilities }) {
    this.#commands = options.commands;
    this.#capabilities = options.capabilities;
  }

  async dispatch(command: Command, context: CommandContext): Promise<Completion> {
    const handler = this.#handler(command.name);
    if (handler === null) return bad('Unknown command');
    if (!handler.states.includes(context.session.state)) return bad(wrongState(handler, context.session), 'CLIENTBUG');
    const off = capabilitiesUsed(command).find((name) => !this.#capabilities.has(name));
    if (off !== undefined) return bad(`This server does not understand ${off}`);
    if (context.session.uidOnly && usesMessageNumbers(command)) {
      return bad('Message numbers are not understood once UIDONLY is enabled', 'UIDREQUIRED');
    }
    const completion = await this.#guarded(handler, context, async () => {
      const { session } = context;
      await session.selected?.checkRights();
      return isShut(handler, session) ? notReadable : await handler.run(command, context);
    });
    await this.#report(handler, command, context);
    return completion;
  }

  /** null: there is no such command, or the cluster has switched off the extension that brings it. */
  #handler(name: CommandName): CommandHandler | null {
    const handler = this.#commands.get(name);
    if (handler === undefined) return null;
    return handler.capability === undefined || this.#capabilities.has(handler.capability) ? handler : null;
  }

  async #guarded(
    handler: CommandHandler,
    context: CommandContext,
    run: () => Promise<Completion>,
  ): Promise<Completion> {
    try {
      return await run();
    } catch (error) {
      return classify(error, handler, context);
    }
  }

  /** What cannot be told now, for want of a repository, is told after a later command. */
  async #report(handler: CommandHandler, command: Command, context: CommandContext): Promise<void> {
    const { selected } = context.session;
    const updates = handler.updates?.(command) ?? 'all';
    if (selected === null || !selected.readable || updates === 'none') return;
    // RFC 5465, 3.1: who wants nothing of the selected mailbox hears what the own command has done to it.
    if (context.session.news?.selected.messages === 'never' && handler.tells !== 'own') return;
    await this.#guarded(handler, context, async () => {
      await selected.report(updates, context.output);
      return ok('told');
    });
  }
}

/** RFC 4314, 5.1.1: without `r` nothing is left to do in a mailbox but to leave it. */
const isShut = ({ name, states }: CommandHandler, { selected }: Session): boolean =>
  selected?.readable === false && !states.includes('authenticated') && name !== 'CLOSE' && name !== 'UNSELECT';
const notReadable = no('The right to read this mailbox has been taken away, or the mailbox is gone', 'NOPERM');

function classify(error: unknown, handler: CommandHandler, context: CommandContext): Completion {
  if (context.attempt.signal.aborted || error instanceof ConnectionClosed) {
    throw new ConnectionClosed('the client went away during a command', { cause: error });
  }
  if (error instanceof RepositoryFull) {
    const unchanged = error.nothingStored ? '; nothing was changed' : '';
    return no(`The server has no disk space left${unchanged}, please try again later`, 'UNAVAILABLE');
  }
  if (error instanceof RepositoryUnavailable) {
    return no('The mailbox cannot be reached at the moment, please try again', 'UNAVAILABLE');
  }
  if (error instanceof ContentCorrupt) {
    context.log.event('CommandFailed', { command: handler.name, tag: context.tag, err: error });
    return no('The content of a message is damaged on every server; it has been noted', 'CORRUPTION');
  }
  context.log.event('CommandFailed', { command: handler.name, tag: context.tag, err: error });
  return no('Something went wrong in the server; it has been noted', 'SERVERBUG');
}

function wrongState(handler: CommandHandler, session: Session): string {
  if (session.state === 'notAuthenticated') return 'Please sign in first';
  return handler.states.includes('notAuthenticated') ? 'You are signed in already' : 'No mailbox is selected';
}
