import type { AppendMessage } from '../../protocol/command.ts';
import type { IncomingMessage } from '../../session/incoming-message.ts';
import type { NewMessage, Store } from '../../store/store.ts';
import type { OperationId } from '../../store/types.ts';
import type { Capabilities } from '../any-state/capability-table.ts';
import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
import { splitFlags } from '../selected/split-flags.ts';

export type ReceiveOptions = {
  readonly context: CommandContext;
  /** Of the mailbox that they are for. */
  readonly store: Pick<Store, 'stage'>;
  readonly operation: OperationId;
  readonly capabilities: Capabilities;
  /** How a command with a second message ends; null: there may be several. */
  readonly second: Completion | null;
  readonly now: () => Date;
};

/** All messages of a command, staged and part of no mailbox yet; or how the command ends without them. */
export type Received =
  | { readonly kind: 'received'; readonly messages: readonly NewMessage[] }
  | { readonly kind: 'refused'; readonly completion: Completion };

/** A message that the client is about to send, and what it said of it. */
type Announced = { readonly details: AppendMessage; readonly message: IncomingMessage };

/**
 * Takes the messages of an APPEND into the store as they arrive, one after the other, in bounded memory (RFC 3502). Where
 * one is refused, those before it are left for the collector: none becomes part of a mailbox.
 */
export async function receiveMessages(first: Announced, options: ReceiveOptions): Promise<Received> {
  const messages: NewMessage[] = [];
  for (let next: Announced | null = first; next !== null; ) {
    const refusal = messages.length > 0 ? (options.second ?? refusalOf(next, options)) : refusalOf(next, options);
    if (refusal !== null) return { kind: 'refused', completion: refusal };
    const staged = await stage(next, { ordinal: messages.length, ...options });
    if (staged === 'holdsNul') return { kind: 'refused', completion: no('The message holds NUL', 'UNKNOWN-CTE') };
    messages.push(staged);
    const end = await next.message.complete();
    if (end.kind === 'refused') return { kind: 'refused', completion: completionOf(end.refusal) };
    next = end.kind === 'further' ? end : null;
  }
  return { kind: 'received', messages };
}

function refusalOf({ details, message }: Announced, { capabilities }: ReceiveOptions): Completion | null {
  if (details.binary && !capabilities.has('BINARY')) return bad('This server does not understand BINARY');
  // RFC 3502, 6.3.11: the way to cancel an APPEND.
  return message.size === 0 ? no('A message is not empty; nothing was appended', 'CANNOT') : null;
}

async function stage(
  { details, message }: Announced,
  { context, store, operation, ordinal, now }: ReceiveOptions & { readonly ordinal: number },
): Promise<NewMessage | 'holdsNul'> {
  const octets = details.binary ? withoutNul(message.receive()) : message.receive();
  try {
    const staged = await store.stage(octets, { operation, ordinal }, context.attempt);
    return { staged, flags: splitFlags(details.flags), internalDate: details.internalDate ?? now() };
  } catch (error) {
    if (error instanceof HoldsNul) return 'holdsNul';
    throw error;
  }
}

class HoldsNul extends Error {
  override readonly name = 'HoldsNul';
}

/**
 * RFC 3516, 4.4 and 6: what is stored of a literal8 is given back by BODY[] too, whose literals hold no NUL. Who sends one
 * says so, and can be told to encode it; what others put into plain literals is kept as it is.
 */
async function* withoutNul(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of octets) {
    if (piece.includes(0)) throw new HoldsNul();
    yield piece;
  }
}

const completionOf = ({
  status,
  code,
  text,
}: {
  status: 'BAD' | 'NO';
  code: string | null;
  text: string;
}): Completion => ({ status, text, ...(code === null ? {} : { code }) });
