import type { Statement, Value } from './statement.ts';

/**
 * The statement with its values in place of `?`, for sessions whose `sql_mode` is ours (session-settings.ts): a backslash
 * escapes. Octets go as hexadecimal digits, so that nothing of them has a meaning in the text.
 *
 * @throws TypeError where values and places are not equal in number, or a value has no way to be written
 */
export function fillIn({ name, text, values = [] }: Statement): string {
  const pieces = text.split('?');
  if (pieces.length !== values.length + 1) {
    throw new TypeError(`statement ${name}: ${values.length} values for ${pieces.length - 1} places`);
  }
  let filled = pieces[0] ?? '';
  for (const [i, value] of values.entries()) filled += literal(value) + pieces[i + 1];
  return filled;
}

export function literal(value: Value): string {
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is no safe integer`);
      return String(value);
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? '1' : '0';
    default:
      return objectLiteral(value);
  }
}

function objectLiteral(value: Buffer | Date | readonly Value[]): string {
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`;
  if (value instanceof Date) return `'${dateText(value)}'`;
  if (Array.isArray(value)) return value.length === 0 ? 'NULL' : value.map(literal).join(', ');
  throw new TypeError('a value that SQL has no literal for');
}

/** `YYYY-MM-DD HH:MM:SS.mmm`, UTC, as the time zone of our sessions is. */
const dateText = (date: Date): string => date.toISOString().replace('T', ' ').replace('Z', '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that it is about
const SPECIAL = /[\0\b\t\n\r\x1a'"\\]/g;
const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
};

const quoted = (text: string): string => `'${text.replace(SPECIAL, (found) => escapes[found] ?? found)}'`;
