import { type JsonSchema, valuesOf, withoutNull } from './json-schema.ts';
import { patternInWords } from './pattern-words.ts';

/** One field of a schema, with the schemas of all that it contains flattened to `a.b` and `a[].b`. */
export type SchemaRow = { readonly path: string; readonly schema: JsonSchema; readonly required: boolean };

/** The fields of a schema as a Markdown table; without `allowed` for what only the program writes. */
export function schemaTable(schema: JsonSchema, { allowed }: { readonly allowed: boolean }): string {
  const rows = rowsOf(schema);
  if (!allowed)
    return [line(['field', 'type', 'meaning']), line(['---', '---', '---']), ...rows.map(statusLine)].join('\n');
  const head = [line(['field', 'type', 'default', 'allowed', 'meaning']), line(Array(5).fill('---'))];
  return [...head, ...rows.map(specLine)].join('\n');
}

const statusLine = (row: SchemaRow): string =>
  line([`\`${row.path}\``, typeName(row.schema), withoutNull(row.schema).schema.description ?? '']);

function specLine(row: SchemaRow): string {
  const { schema } = withoutNull(row.schema);
  return line([`\`${row.path}\``, typeName(row.schema), fallbackOf(row), allowedOf(schema), schema.description ?? '']);
}

/** What holds where the field is left out. */
export function fallbackOf({ required, schema: source }: SchemaRow): string {
  const { schema } = withoutNull(source);
  const fallback = schema.default === undefined ? source.default : schema.default;
  if (fallback === undefined) return required ? '(required)' : '';
  if (schema.properties !== undefined && fallback !== null) return '';
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``;
}

export function rowsOf(schema: JsonSchema, prefix = ''): readonly SchemaRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const { schema: inner } = withoutNull(property);
    const items = inner.items === undefined ? null : withoutNull(inner.items).schema;
    const row = { path, schema: property, required: schema.required?.includes(name) === true };
    return [row, ...rowsOf(inner, `${path}.`), ...(items === null ? [] : rowsOf(items, `${path}[].`))];
  });
}

export function typeName(source: JsonSchema): string {
  const { schema, nullable } = withoutNull(source);
  const values = valuesOf(schema);
  let name = schema.type ?? 'string';
  if (schema.items !== undefined) name = `list of ${typeName(schema.items)}`;
  if (values !== null) name = `map to ${typeName(values)}`;
  return nullable ? `${name} or null` : name;
}

/** Bounds that a person meets; limits that only keep the API server's cost low are left out. */
export function allowedOf(schema: JsonSchema): string {
  const literals = schema.anyOf?.map((branch) => branch.const) ?? (schema.const === undefined ? [] : [schema.const]);
  if (literals.length > 0) return literals.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    return `${schema.minimum ?? ''} … ${schema.maximum ?? ''}`;
  }
  if (schema.maxItems !== undefined) return `at most ${schema.maxItems}`;
  return schema.pattern === undefined ? '' : patternInWords(schema.pattern).replaceAll('|', '\\|');
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
