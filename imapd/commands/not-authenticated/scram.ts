import { randomBytes } from 'node:crypto';
import { beginExchange, isProof, serverProof } from '../../auth/scram/scram-exchange.ts';
import { type ClientFirst, readClientFinal, readClientFirst } from '../../auth/scram/scram-messages.ts';
import type { ScramOpening } from '../../session/authenticator.ts';
import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
import { askClient, firstAnswer, unfinished } from './ask-client.ts';
import { letIn, refusedLogin, type SignInOptions } from './sign-in.ts';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-256-PLUS';

const NONCE_OCTETS = 18;

/** SCRAM-SHA-256 and -PLUS (RFC 5802, RFC 7677): the password is proved and never sent, and the server proves that it knows it. */
export const scram =
  (mechanism: ScramMechanism) =>
  async (initialResponse: Buffer | null, context: CommandContext, options: SignInOptions): Promise<Completion> => {
    const asked = await firstAnswer(initialResponse, context);
    if (asked.kind !== 'answer') return unfinished(asked);
    const first = readClientFirst(asked.answer);
    if (first === null) return bad('Expected the first message of SCRAM (RFC 5802, 7)');
    const channel = channelOf(first, mechanism, { context, options });
    if (!Buffer.isBuffer(channel)) return channel;
    const { remoteAddress } = context.session.peer;
    const opening = await options.scram({ user: first.user, remoteAddress }, context.attempt);
    if (opening.kind !== 'keys') return refusedLogin(opening.kind, first.user, context);
    return prove({ first, opening, channel }, context, options);
  };

type Opened = {
  readonly first: ClientFirst;
  readonly opening: Extract<ScramOpening, { kind: 'keys' }>;
  readonly channel: Buffer;
};

async function prove(
  { first, opening, channel }: Opened,
  context: CommandContext,
  options: SignInOptions,
): Promise<Completion> {
  const exchange = beginExchange(first, opening.keys, randomBytes(NONCE_OCTETS).toString('base64'));
  const second = await askClient(context, exchange.challenge);
  if (second.kind !== 'answer') return unfinished(second);
  const final = readClientFinal(second.answer);
  if (final === null) return bad('Expected the final message of SCRAM (RFC 5802, 7)');
  const outcome = await opening.finish(isProof(exchange, final, channel));
  if (outcome.kind !== 'ok') return refusedLogin(outcome.kind, first.user, context);
  // IMAP carries no data with its OK: the client is shown the server's proof first, and answers with nothing.
  const last = await askClient(context, serverProof(exchange, final));
  if (last.kind !== 'answer') return unfinished(last);
  if (last.answer.length > 0) return bad('Expected an empty answer');
  return letIn({ user: outcome.user, identity: first.identity }, context, options);
}

/** Data of the channel binding that the client uses, empty where it uses none; or why the exchange ends (RFC 5802, 6). */
function channelOf(
  { binding }: ClientFirst,
  mechanism: ScramMechanism,
  { context, options }: { readonly context: CommandContext; readonly options: SignInOptions },
): Buffer | Completion {
  const plus = mechanism === 'SCRAM-SHA-256-PLUS';
  if (plus !== (binding.kind === 'used')) {
    return bad('Channel binding is used with SCRAM-SHA-256-PLUS, and only with it');
  }
  if (binding.kind === 'used') {
    return context.channelBinding(binding.type) ?? no('There is no such channel binding here', 'CANNOT');
  }
  // Somebody in the middle has hidden that it is offered.
  if (binding.kind === 'unused' && options.capabilities.channelBindingOffered(context.session)) {
    return no('Channel binding is offered here, and the client was told otherwise', 'AUTHENTICATIONFAILED');
  }
  return Buffer.alloc(0);
}
