import mysql from 'mysql2';
import type { Row } from './statement.ts';
import { uuidText } from './uuid-octets.ts';

/** What the driver tells of a column: `characterSet` 63 is octets. */
export type Column = { readonly name: string; readonly columnType?: number; readonly characterSet?: number };

type Convert = (value: unknown, column: string) => unknown;
type DriverRow = Record<string, unknown>;

const OCTETS = 63;

/**
 * What the driver's rows still need, by the types of their columns: none of it for columns of numbers and octets. It is
 * found once an answer, and most answers need nothing.
 */
export function rowReader(columns: readonly Column[]): (row: DriverRow) => Row {
  const conversions = columns.flatMap((column) => {
    const convert = conversionOf(column);
    return convert === null ? [] : [{ name: column.name, convert }];
  });
  if (conversions.length === 0) return (row) => row;
  return (row) => {
    for (const { name, convert } of conversions) {
      const value = row[name];
      if (value !== null) row[name] = convert(value, name);
    }
    return row;
  };
}

function conversionOf({ columnType, characterSet }: Column): Convert | null {
  switch (columnType) {
    case mysql.Types.LONGLONG:
      return safe;
    case mysql.Types.DECIMAL:
    case mysql.Types.NEWDECIMAL:
      return decimal;
    case mysql.Types.VARCHAR:
    case mysql.Types.VAR_STRING:
      return characterSet === OCTETS ? text : null;
    case mysql.Types.STRING:
      return characterSet === OCTETS ? fixed : null;
    default:
      return null;
  }
}

/** The driver gives those that no number can hold as texts. */
const safe: Convert = (value, column) => {
  if (typeof value === 'number') return value;
  throw new RangeError(`column ${column}: ${String(value)} is beyond 2^53; read it in two words`);
};

const decimal: Convert = (value, column) => {
  const number = Number(value);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? safe(value, column) : number;
};

const text: Convert = (value) => (Buffer.isBuffer(value) ? value.toString('utf8') : value);

/** BINARY(16) is a UUID wherever we have it. Other lengths are expressions of a text, such as `LEFT(name, 3)`. */
const fixed: Convert = (value) => {
  if (!Buffer.isBuffer(value)) return value;
  return value.length === 16 ? uuidText(value) : value.toString('utf8');
};
