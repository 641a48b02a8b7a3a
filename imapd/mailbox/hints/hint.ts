import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { MailboxId } from '../../store/types.ts';

/**
 * "This mailbox changed", said by one imapd process to the others: `POST /v1/hints`, newline-delimited JSON, bearer token.
 * Only for speed. A lost hint costs at most one interval of the poll, a wrong one costs a query.
 */
export const HINTS_PATH = '/v1/hints';

const HintLine = Type.Object({
  mailbox: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
  /** Mod-sequence of the change; 0 = not known. */
  modSeq: Type.Number({ minimum: 0 }),
});

export type Hint = { readonly mailbox: MailboxId; readonly modSeq: number };

export const encodeHints = (hints: Iterable<Hint>): string =>
  Array.from(hints, (hint) => `${JSON.stringify(hint)}\n`).join('');

/** Reads what a peer sent; null where it is no list of hints. */
export function parseHints(body: string): readonly Hint[] | null {
  const hints: Hint[] = [];
  for (const line of body.split('\n')) {
    if (line === '') continue;
    const hint = parseLine(line);
    if (hint === null) return null;
    hints.push({ mailbox: hint.mailbox as MailboxId, modSeq: hint.modSeq });
  }
  return hints;
}

function parseLine(line: string): Static<typeof HintLine> | null {
  try {
    const value: unknown = JSON.parse(line);
    return Value.Check(HintLine, value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
