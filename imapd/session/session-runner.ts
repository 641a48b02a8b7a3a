import type { Logger } from '#runtime/logger.ts';
import type { CommandContext } from '../commands/command-handler.ts';
import type { Completion } from '../commands/completion.ts';
import type { Received } from '../protocol/command-reader.ts';
import { type Parsed, parseCommand } from '../protocol/parse-command.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { ResponseWriter } from '../protocol/response-writer.ts';
import { channelBinding } from './channel-binding.ts';
import type { Connection } from './connection.ts';
import { Dispatcher } from './dispatcher.ts';
import { farewell } from './farewell/farewell.ts';
import type { StopRequest } from './farewell/stop-request.ts';
import { holdNotice } from './hold-notice.ts';
import { IncomingMessage } from './incoming-message.ts';
import { deliverUntil } from './news.ts';
import { ConnectionClosed } from './output.ts';
import type { Session } from './session.ts';
import { SessionInput } from './session-input.ts';
import type { EndReason } from './session-observer.ts';
import type { SessionServices } from './session-services.ts';

/** Of all sessions: what one says with it is written and taken in one go. */
const writer = new ResponseWriter();
const anew = (): ResponseWriter => {
  writer.cutTo(0);
  return writer;
};

type Understood = Extract<Parsed, { ok: true }>;
type Outcome = { readonly status: Completion['status']; readonly code?: string | null };

/** Codes of RFC 5530 that tell of a sign-in that was refused for good. */
const LOGIN_FAILURES: ReadonlySet<string> = new Set(['AUTHENTICATIONFAILED', 'AUTHORIZATIONFAILED', 'EXPIRED']);

export type SessionRunnerOptions = {
  readonly connection: Connection;
  readonly session: Session;
  readonly services: SessionServices;
  /** When the client connected, by `services.now`. */
  readonly openedAt: number;
  readonly stopping: StopRequest;
};

/**
 * The life of one session: greeting, then one command after the other, each answered before the next is looked at
 * (RFC 3501, 5.5: what is pipelined is done in order, so no two commands can mean something else together), then BYE.
 */
export class SessionRunner {
  readonly #options: SessionRunnerOptions;
  readonly #dispatcher: Dispatcher;
  readonly #input: SessionInput;
  readonly #log: Logger;
  #end: EndReason | null = null;
  /** A better farewell than the usual one of its reason. */
  #lastWords: string | null = null;
  /** The command whose message is being skipped. */
  #refused: string | null = null;
  #badInARow = 0;
  #loginFailures = 0;

  constructor(options: SessionRunnerOptions) {
    const { services, session } = options;
    this.#options = options;
    this.#dispatcher = new Dispatcher(services);
    this.#log = services.log.child({ session: session.id });
    this.#input = new SessionInput({ ...options, ...services });
  }

  /** Runs to the end of the session, whatever it is. Closes nothing: that is the caller's. */
  async run(): Promise<EndReason> {
    try {
      await this.#greet();
      while (this.#end === null) await this.#next();
      await this.#sayFarewell(this.#end);
      return this.#end;
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) throw error;
      if (this.#options.connection.tooSlow) return 'clientTooSlow';
      const { stopping } = this.#options;
      return this.#end ?? this.#input.ended ?? stopping.farewell?.reason ?? 'clientGone';
    }
  }

  async #greet(): Promise<void> {
    const { connection, services, session } = this.#options;
    const capabilities = `CAPABILITY ${services.capabilities.shownTo(session)}`;
    await connection.write(anew().status('OK', 'imapcluster ready', capabilities).take());
  }

  async #sayFarewell(reason: EndReason): Promise<void> {
    const text = this.#lastWords ?? farewell[reason];
    if (text !== null) await this.#options.connection.write(anew().status('BYE', text).take());
  }

  async #next(): Promise<void> {
    const received = await this.#nextCommand();
    if (this.#end !== null) return;
    if (received === null) this.#end = this.#input.ended ?? 'clientGone';
    else await this.#handle(received);
  }

  /** Waits for a command, and tells meanwhile what the client wants to hear without asking (NOTIFY). */
  async #nextCommand(): Promise<Received | null> {
    const { connection, session } = this.#options;
    const coming = this.#input.nextCommand();
    const { news } = session;
    if (news === null) return await coming;
    await deliverUntil(coming, news, { output: connection, selection: session.selected });
    // A literal was announced and cannot be finished.
    if (connection.midResponse) this.#end = 'halfResponse';
    return this.#end === null ? await coming : null;
  }

  async #handle(received: Received): Promise<void> {
    switch (received.kind) {
      case 'command': {
        const parsed = this.#parse(received.bytes);
        return parsed.ok ? this.#execute(parsed, null) : this.#refuse(parsed.refusal);
      }
      case 'append': {
        const limits = this.#options.services.protocolLimits;
        const parsed = this.#parse(received.bytes);
        const skipRefused = (): Promise<void> => this.#input.skipRefused();
        const message = new IncomingMessage(received.literal, { limits, skipRefused });
        return parsed.ok ? this.#execute(parsed, message) : message.refuse(parsed.refusal);
      }
      case 'refused':
        return this.#refuse(received.refusal);
      case 'fatal':
        this.#lastWords = received.text;
        this.#end = 'badInput';
        return;
      case 'line':
        throw new Error('a line arrived that no command asked for');
    }
  }

  async #refuse(refusal: Refusal): Promise<void> {
    await this.#options.connection.write(anew().tagged(refusal.tag, refusal).take());
    this.#note(this.#refused ?? 'unknown', refusal, 0);
    this.#refused = null;
  }

  #parse(bytes: Buffer): Parsed {
    const { services, session } = this.#options;
    return parseCommand(bytes, services.protocolLimits, session.mailboxNames);
  }

  async #execute(parsed: Understood, message: IncomingMessage | null): Promise<void> {
    const { tag, command } = parsed;
    const { connection, services, session } = this.#options;
    const startedAt = services.now();
    const stateBefore = session.state;
    const completion = await this.#dispatcher.dispatch(command, this.#contextOf(parsed, message));
    if (session.state !== stateBefore) services.observer.stateChanged(stateBefore, session.state);
    // Not taken: what the session reads next is that it has been skipped, and that is then answered.
    if (message !== null && !message.received) {
      this.#refused = command.name;
      return message.refuse({ ...refusalOf(completion), tag });
    }
    await message?.settle();
    // A literal was announced and cannot be finished: no word more can be understood by this client.
    this.#end = connection.midResponse ? 'halfResponse' : this.#input.ended;
    if (this.#end !== null) return;
    const { afterwards } = completion;
    if (afterwards === 'startTls' || afterwards === 'compress') this.#forgetPipelined(command.name);
    await connection.write(anew().tagged(tag, completion).take());
    this.#note(command.name, completion, services.now() - startedAt);
    if (afterwards === 'startTls') await this.#secure();
    if (afterwards === 'compress') await connection.compress();
    if (afterwards === 'close') this.#end = 'logout';
  }

  #contextOf({ tag, suppliedNames }: Understood, message: IncomingMessage | null): CommandContext {
    const { connection, services, session } = this.#options;
    const inProgress = services.capabilities.has('INPROGRESS');
    const onHold = (): void => connection.mention(holdNotice(tag, inProgress));
    return {
      tag,
      session,
      message,
      suppliedNames,
      output: connection,
      input: this.#input,
      channelBinding: (type) => (connection.tls === null ? null : channelBinding(connection.tls, type)),
      attempt: { signal: connection.signal, onHold },
      newOperation: services.newOperation,
      log: this.#log,
    };
  }

  /** Counts what ended, and what a client may do too often. */
  #note(name: string, outcome: Outcome, ms: number): void {
    const { observer, limits } = this.#options.services;
    const code = outcome.code?.split(' ')[0] ?? null;
    observer.commandFinished({ name, result: outcome.status, code, seconds: ms / 1000 });
    this.#badInARow = outcome.status === 'BAD' ? this.#badInARow + 1 : 0;
    if (this.#badInARow >= limits.maxBadInARow) this.#end = 'badInput';
    if (code === null || !LOGIN_FAILURES.has(code)) return;
    observer.loginFailed();
    this.#loginFailures++;
    if (this.#loginFailures >= limits.maxLoginFailures) this.#end = 'loginFailures';
  }

  /**
   * RFC 3501, 6.2.1: nothing that anybody could have put in on the way may be taken for said under TLS. RFC 4978, 3: behind
   * COMPRESS a client waits for its answer.
   */
  #forgetPipelined(name: string): void {
    const octets = this.#input.startOver();
    if (octets > 0) this.#log.debug({ octets }, `dropped what came behind ${name}`);
  }

  async #secure(): Promise<void> {
    const { connection, services, session } = this.#options;
    if (services.tls === null) throw new Error('STARTTLS was offered without a certificate');
    const timer = setTimeout(() => connection.destroy(), this.#input.loginMsLeft);
    try {
      session.secure(await connection.secure(services.tls));
    } finally {
      clearTimeout(timer);
    }
  }
}

function refusalOf(completion: Completion): Omit<Refusal, 'tag'> {
  const status = completion.status === 'BAD' ? 'BAD' : 'NO';
  return { status, code: completion.code ?? null, text: completion.text };
}
