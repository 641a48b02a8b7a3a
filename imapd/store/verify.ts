/** What is looked at, in this order. */
export type Check =
  | 'counters of a mailbox'
  | 'usage of a user'
  | 'UIDVALIDITY used twice'
  | 'messages of no mailbox'
  | 'rights on no mailbox'
  | 'what was seen of no message'
  | 'what was seen ahead of its mailbox'
  | 'tombstones of living messages'
  | 'tombstones ahead of their mailbox'
  | 'messages without content'
  | 'size of a message and of its content'
  | 'signatures of no content'
  | 'chunks of a content'
  | 'hash of a chunk'
  | 'hash of a message';

/** One thing that is not as it must be. */
export type Difference = {
  readonly check: Check;
  readonly where: string;
  readonly found: string;
  readonly expected: string;
};

/** What a check answers with, not at all where all is well. */
export type DifferentRow = { readonly place: string; readonly found: unknown; readonly expected: unknown };

/**
 * Holds the stored numbers against the rows they stand for, and every octet against its hash. The caller gives it one
 * snapshot (REPEATABLE READ); the server does the work wherever it can, and little but differences comes here.
 */
export async function findDifferences<T>(
  checks: Readonly<Record<Check, T>>,
  ask: (check: T) => Promise<readonly DifferentRow[]>,
  started: (check: Check) => void,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const [check, how] of Object.entries(checks) as [Check, T][]) {
    started(check);
    for (const { place, found, expected } of await ask(how)) {
      differences.push({ check, where: place, found: String(found), expected: String(expected) });
    }
  }
  return differences;
}
