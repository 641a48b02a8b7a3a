import type { Sharing } from '../../acl/sharing.ts';
import type { AppendLiteral, AppendMessage, AppendStep } from '../../protocol/command.ts';
import type { Limits } from '../../protocol/limits.ts';
import { ContentGone } from '../../store/content-store.ts';
import { leavesRoomFor, type Quota } from '../../store/quota.ts';
import type { NewMessage, Store } from '../../store/store.ts';
import type { OperationId } from '../../store/types.ts';
import { usedByLiteral } from '../any-state/capabilities-used.ts';
import type { Capabilities, CapabilityName } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
import { overQuota } from '../quota/over-quota.ts';
import { tooManyMessages } from '../selected/message-limit.ts';
import { splitFlags } from '../selected/split-flags.ts';
import { AppendRefused } from './append-refused.ts';
import { AppendSteps } from './append-steps.ts';
import { badUrl } from './bad-url.ts';
import { withSevenBitHeader } from './seven-bit-header.ts';
import { UrlContents } from './url-contents.ts';

export type ReceiveOptions = {
  readonly command: 'APPEND' | 'REPLACE';
  readonly context: CommandContext;
  /** Of the mailbox that they are for. */
  readonly store: Pick<Store, 'stage'>;
  readonly sharing: Sharing;
  readonly operation: OperationId;
  readonly capabilities: Capabilities;
  /** How a command with a second message ends; null: there may be several. */
  readonly second: Completion | null;
  readonly limits: Limits;
  /** Of whoever owns the mailbox: told before it is sent that there is no room. null: the store will say. */
  readonly quota: Quota | null;
  /** Where nothing was asked before the first message, which was on its way: asked before a second one. @throws AppendRefused */
  readonly askLater?: () => Promise<Quota>;
  readonly now: () => Date;
};

/** All messages of a command, staged and part of no mailbox yet; or how the command ends without them. */
export type Received =
  | { readonly kind: 'received'; readonly messages: readonly NewMessage[] }
  | { readonly kind: 'refused'; readonly completion: Completion };

/**
 * Takes the messages of an APPEND into the store as they arrive, one after the other, in bounded memory (RFC 3502). Where
 * one is refused, those before it are left for the collector: none becomes part of a mailbox.
 */
export async function receiveMessages(steps: readonly AppendStep[], options: ReceiveOptions): Promise<Received> {
  try {
    return { kind: 'received', messages: await new Intake(steps, options).messages() };
  } catch (error) {
    if (error instanceof AppendRefused) return { kind: 'refused', completion: error.completion };
    throw error;
  }
}

class Intake {
  readonly #options: ReceiveOptions;
  readonly #steps: AppendSteps;
  readonly #urls: UrlContents;
  readonly #messages: NewMessage[] = [];
  #parts = 0;
  /** Octets of the message under way. */
  #size = 0;
  /** Octets of all messages before it. */
  #before = 0;
  #quota: Quota | null;

  constructor(steps: readonly AppendStep[], options: ReceiveOptions) {
    this.#options = options;
    this.#quota = options.quota;
    this.#steps = new AppendSteps(steps, options.context.message);
    this.#urls = new UrlContents(options.context, options);
  }

  async messages(): Promise<readonly NewMessage[]> {
    const { second, capabilities, limits, askLater } = this.#options;
    for (let step = await this.#steps.next(); step !== null; step = await this.#steps.next()) {
      if (step.kind !== 'message') throw new Error(`${step.kind} where a message begins`);
      if (this.#messages.length > 0 && second !== null) throw new AppendRefused(second);
      if (this.#messages.length >= capabilities.saveLimit)
        throw new AppendRefused(tooManyMessages(`MESSAGELIMIT ${capabilities.saveLimit}`));
      if (this.#messages.length >= limits.appendMessages)
        throw new AppendRefused(no(`More than ${limits.appendMessages} messages at once`, 'LIMIT'));
      if (this.#messages.length === 1) this.#quota = (await askLater?.()) ?? this.#quota;
      this.#steps.pass();
      this.#messages.push(await this.#stage(step));
    }
    return this.#messages;
  }

  async #stage(details: AppendMessage): Promise<NewMessage> {
    const { context, store, operation, now } = this.#options;
    const request = { operation, ordinal: this.#messages.length };
    this.#before += this.#size;
    this.#size = 0;
    const content = this.#content(details);
    const checked = this.#headerIsFree ? content : withSevenBitHeader(content);
    const staged = await store.stage(checked, request, context.attempt);
    if (staged.size === 0) throw new AppendRefused(EMPTY);
    return { staged, flags: splitFlags(details.flags), internalDate: details.internalDate ?? now() };
  }

  /**
   * RFC 6855, 4: before ENABLE UTF8=ACCEPT a header is 7-bit, where the server has heard of that at all. Old mail is not, and is
   * brought by programs that enable nothing: so it is taken, if the cluster does not want it otherwise.
   */
  get #headerIsFree(): boolean {
    const { capabilities, context, limits } = this.#options;
    return limits.eightBitHeaders === 'accept' || context.session.utf8 || !capabilities.has('UTF8=ACCEPT');
  }

  async *#content({ catenated }: AppendMessage): AsyncGenerator<Buffer> {
    if (catenated) this.#require('CATENATE');
    for (let step = await this.#steps.next(); step !== null && step.kind !== 'message'; ) {
      if (catenated) this.#countPart();
      yield* step.kind === 'url' ? this.#named(step.url) : this.#literal(step);
      // Nothing is asked about what follows a message before it has been taken in.
      if (!catenated) return;
      step = await this.#steps.next();
    }
  }

  async *#literal(literal: AppendLiteral): AsyncGenerator<Buffer> {
    const { place, size, binary } = literal;
    if (place === 'url') {
      if (size > this.#options.limits.url) throw new AppendRefused(no('That URL is too long', 'TOOBIG'));
      const url = Buffer.concat(await Array.fromAsync(this.#steps.receive(literal)));
      yield* this.#octets(url.toString('latin1'));
      return;
    }
    for (const name of usedByLiteral(literal)) this.#require(name);
    // RFC 3502, 6.3.11: the way to cancel an APPEND.
    if (size === 0 && (place === 'message' || place === 'utf8')) throw new AppendRefused(EMPTY);
    this.#admit(size);
    const octets = this.#steps.receive(literal);
    yield* binary ? withoutNul(octets) : octets;
  }

  async *#named(url: string): AsyncGenerator<Buffer> {
    this.#steps.pass();
    yield* this.#octets(url);
  }

  async *#octets(url: string): AsyncGenerator<Buffer> {
    if (url === '') throw new AppendRefused(bad('A URL is not empty'));
    if (url.length > this.#options.limits.url) throw new AppendRefused(no('That URL is too long', 'TOOBIG'));
    const content = await this.#urls.find(url);
    if (content === null) throw new AppendRefused(badUrl(url));
    this.#admit(content.size);
    let left = content.size;
    try {
      for await (const piece of content.octets) {
        left -= piece.length;
        yield piece;
      }
    } catch (error) {
      if (error instanceof ContentGone) throw new AppendRefused(badUrl(url));
      throw error;
    }
    if (left !== 0) throw new Error(`${left} octets are missing of a message`);
  }

  #require(name: CapabilityName): void {
    if (this.#options.capabilities.has(name)) return;
    throw new AppendRefused(bad(`This server does not understand ${name}`));
  }

  #countPart(): void {
    const { appendParts } = this.#options.limits;
    this.#parts += 1;
    if (this.#parts <= appendParts) return;
    throw new AppendRefused(no(`More than ${appendParts} parts at once`, 'LIMIT'));
  }

  /** Is there room for so many octets more? Asked before they are read. */
  #admit(octets: number): void {
    const { limits } = this.#options;
    this.#size += octets;
    const together = this.#before + this.#size;
    if (this.#size > limits.message) throw tooBig(`Message above the limit of ${limits.message} octets`);
    if (this.#before > 0 && together > limits.appendTogether) {
      throw tooBig(`Messages together above the limit of ${limits.appendTogether} octets`);
    }
    const messages = this.#messages.length + 1;
    if (this.#quota !== null && !leavesRoomFor(this.#quota, { messages, octets: together }))
      throw new AppendRefused(overQuota);
  }
}

const EMPTY = no('A message is not empty; nothing was appended', 'CANNOT');
const tooBig = (text: string): AppendRefused => new AppendRefused(no(text, 'TOOBIG'));

/**
 * RFC 3516, 4.4 and 6: what is stored of a literal8 is given back by BODY[] too, whose literals hold no NUL. Who sends one
 * says so, and can be told to encode it; what others put into plain literals is kept as it is.
 */
async function* withoutNul(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of octets) {
    if (piece.includes(0)) throw new AppendRefused(no('The message holds NUL', 'UNKNOWN-CTE'));
    yield piece;
  }
}
