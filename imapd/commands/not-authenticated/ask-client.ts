import type { CommandContext } from '../command-handler.ts';
import { bad, type Completion, no } from '../completion.ts';
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

/** How an exchange ended that led to no credentials. */
export type Unfinished = Exclude<Asked, { kind: 'answer' }> | { readonly kind: 'otherIdentity' };

export function unfinished(end: Unfinished): Completion {
  switch (end.kind) {
    case 'otherIdentity':
      return no('Nobody may act for another user', 'AUTHORIZATIONFAILED');
    case 'invalid':
      return bad(end.text);
    case 'cancelled':
      return bad('AUTHENTICATE cancelled');
    case 'gone':
      return bad('AUTHENTICATE was not finished');
  }
}
