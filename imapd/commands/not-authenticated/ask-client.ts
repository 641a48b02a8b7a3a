import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion } from '../completion.ts';
import { decodeAnswer } from './sasl.ts';

/** What came of a challenge: an answer, or how the exchange ends without one. */
export type Asked =
  | { readonly kind: 'answer'; readonly answer: Buffer }
  | { readonly kind: 'invalid'; readonly text: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'gone' };

/** Sends a SASL challenge and reads the answer to it (RFC 3501, 6.2.2). */
export async function askClient({ input }: Pick<CommandContext, 'input'>, challenge: string): Promise<Asked> {
  const line = await input.ask(Buffer.from(challenge).toString('base64'));
  if (line === null) return { kind: 'gone' };
  if (line.equals(Buffer.from('*'))) return { kind: 'cancelled' };
  const answer = decodeAnswer(line);
  return answer === null ? { kind: 'invalid', text: 'Expected base64' } : { kind: 'answer', answer };
}

/** What the client has said already, with the command (RFC 4959), or says when asked for it. */
export const firstAnswer = async (
  initialResponse: Buffer | null,
  context: Pick<CommandContext, 'input'>,
): Promise<Asked> => (initialResponse === null ? askClient(context, '') : { kind: 'answer', answer: initialResponse });

/** How an exchange ended that led to no credentials. */
export type Unfinished = Exclude<Asked, { kind: 'answer' }>;

export function unfinished(end: Unfinished): Completion {
  switch (end.kind) {
    case 'invalid':
      return bad(end.text);
    case 'cancelled':
      return bad('AUTHENTICATE cancelled');
    case 'gone':
      return bad('AUTHENTICATE was not finished');
  }
}
