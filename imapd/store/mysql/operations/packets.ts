import type { Connection, Statement, Value } from '../connection.ts';

/** Text of one packet, octets at most, unless a statement alone is longer. Half of what every server takes (session-settings.ts). */
const PACKET = 2 * 1024 * 1024;
/**
 * Octets from which on a statement goes alone, prepared: as literals they are twice as many and cost this process two and a half
 * times the work, which is more than a round trip.
 */
const HEAVY = 64 * 1024;

export type Packet = { readonly statements: readonly Statement[]; readonly prepared: boolean };

/**
 * Statements in as few packets as they may be, in their order: one, mostly. All but the last must be sent, and answered, before the
 * next: what follows a statement that is refused is not to be done.
 */
export function packets(statements: readonly Statement[]): readonly Packet[] {
  const all: Packet[] = [];
  let under: Statement[] = [];
  let length = 0;
  const close = (): void => {
    if (under.length > 0) all.push({ statements: under, prepared: false });
    under = [];
    length = 0;
  };
  for (const statement of statements) {
    if (octetsOf(statement.values ?? []) > HEAVY) {
      close();
      all.push({ statements: [statement], prepared: true });
      continue;
    }
    const more = lengthOf(statement);
    if (length + more > PACKET) close();
    under.push(statement);
    length += more;
  }
  close();
  return all;
}

/** The answers of all of them, as of one batch. A statement that goes alone must have no lists among its values. */
export async function sendInPackets(c: Connection, statements: readonly Statement[]): Promise<readonly unknown[][]> {
  const rows: unknown[][] = [];
  for (const { statements: together, prepared } of packets(statements)) {
    const [first] = together;
    const answers = prepared && first !== undefined ? [await c.execute(first)] : await c.batch(together);
    rows.push(...answers.map((answer) => answer.rows as unknown[]));
  }
  return rows;
}

/** Of buffers alone, outside lists. */
const octetsOf = (values: readonly Value[]): number =>
  values.reduce<number>((sum, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0);

const lengthOf = ({ text, values = [] }: Statement): number =>
  values.reduce<number>((sum, value) => sum + literalLength(value), text.length);

/** Not less than it will be. */
function literalLength(value: Value): number {
  if (Buffer.isBuffer(value)) return 2 * value.length + 3;
  if (typeof value === 'string') return 3 * value.length + 2;
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + literalLength(each) + 2, 4);
  return 26;
}
