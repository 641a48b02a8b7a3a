import type { Value } from './connection.ts';

/** A piece of a statement with its values: SQL that others put into theirs. */
export type Sql = { readonly text: string; readonly values: readonly Value[] };

/**
 * ``sql`a = ${1} AND ${other}` ``: pieces are put in as they are, values as `?`. What is neither, such as a variable or the name of
 * a column, is `raw`.
 */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Value | Sql)[]): Sql {
  let text = texts[0] ?? '';
  const values: Value[] = [];
  for (const [i, part] of parts.entries()) {
    if (isSql(part)) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += texts[i + 1];
  }
  return { text, values };
}

export const raw = (text: string): Sql => ({ text, values: [] });

export const join = (parts: readonly Sql[], between: string): Sql => ({
  text: parts.map(({ text }) => text).join(between),
  values: parts.flatMap(({ values }) => values),
});

const isSql = (part: Value | Sql): part is Sql =>
  typeof part === 'object' && part !== null && 'text' in part && 'values' in part && !Array.isArray(part);
