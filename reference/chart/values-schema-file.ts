import { plainSchema } from '#crds/generation/json-schema.ts';
import { Values } from './values.ts';

const WIDTH = 120;

/**
 * charts/imapcluster/values.schema.json, by which helm refuses misspelt and mistyped values. Nothing is required: a value
 * that somebody sets to null to be rid of a default is away, and the templates cope.
 */
export function valuesSchemaFile(): string {
  const { description, ...schema } = plainSchema(Values);
  const head = { $schema: 'http://json-schema.org/draft-07/schema#', title: description };
  const text = JSON.stringify({ ...head, ...withoutRequired(schema) }, null, 2);
  return `${text.replaceAll(/^( *)(.*)\[\n([^[\]{}]*?)\n *\](,?)$/gm, collapsed)}\n`;
}

function withoutRequired(value: unknown): object {
  const walk = (key: string, inner: unknown): unknown =>
    key === 'required' && Array.isArray(inner) ? undefined : inner;
  return JSON.parse(JSON.stringify(value, walk)) as object;
}

/** A list of plain values on one line where it fits, as the formatter of this repository wants it. */
function collapsed(whole: string, ...[indent = '', before = '', items = '', comma = '']: readonly string[]): string {
  const line = `${indent}${before}[${items
    .split('\n')
    .map((item) => item.trim())
    .join(' ')}]${comma}`;
  return line.length <= WIDTH ? line : whole;
}
