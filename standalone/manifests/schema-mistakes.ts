import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { type JsonSchema, plainSchema, valuesOf, withoutNull } from '#crds/generation/json-schema.ts';
import { patternInWords } from '#crds/generation/pattern-words.ts';
import { allErrors } from '#runtime/all-errors.ts';
import type { ManifestDocument } from './manifest-document.ts';
import { type Mistake, mistakeAt, type Path, shown } from './mistake.ts';
import { suggestion } from './suggestion.ts';

/** Everything in which a document differs from a schema. The value must have its defaults already. */
export function schemaMistakes(document: ManifestDocument, schema: TSchema, value: unknown): readonly Mistake[] {
  const plain = plainSchema(schema);
  const found = allErrors(schema, value).flatMap((error) => {
    const path = pathOf(error.instancePath, value);
    return explain(error, schemaAt(plain, path), valueAt(value, path)).map(({ key, message }) =>
      mistakeAt(document, key === undefined ? path : [...path, key], message),
    );
  });
  return [...found, ...duplicates(plain, value, []).map(({ path, message }) => mistakeAt(document, path, message))];
}

type Explained = { readonly key?: string; readonly message: string };

function explain(error: TLocalizedValidationError, schema: JsonSchema, value: unknown): readonly Explained[] {
  switch (error.keyword) {
    // Said once more by `additionalProperties`, at the object that holds the field.
    case 'boolean':
      return [];
    case 'additionalProperties': {
      const known = Object.keys(schema.properties ?? {});
      return error.params.additionalProperties.map((key) => ({ key, message: unknownField(key, known) }));
    }
    case 'required':
      return error.params.requiredProperties.map((key) => ({
        key,
        message: `missing; allowed: ${allowed(schema.properties?.[key] ?? {})}`,
      }));
    case 'enum':
      return [{ message: `found ${shown(value)}, allowed: ${allowed(schema)}${suggestion(value, choicesOf(schema))}` }];
    default:
      return [{ message: `found ${shown(value)}, allowed: ${allowed(schema)}${quoteIt(schema, value)}` }];
  }
}

function unknownField(key: string, known: readonly string[]): string {
  return `unknown field${suggestion(key, known) || `; allowed here: ${known.join(', ')}`}`;
}

/** YAML takes 7 for a number and yes for a word; where text is wanted, people rarely see what is wrong with it. */
function quoteIt({ type }: JsonSchema, value: unknown): string {
  const bare = typeof value === 'number' || typeof value === 'boolean';
  return type === 'string' && bare ? `; put it in quotes: "${value}"` : '';
}

const choicesOf = ({ enum: values, const: only }: JsonSchema): readonly string[] =>
  (values ?? [only]).filter((value) => typeof value === 'string');

/** What a schema allows, in words. */
export function allowed(source: JsonSchema): string {
  const { schema, nullable } = withoutNull(source);
  return `${allowedValue(schema)}${nullable ? ' or null' : ''}`;
}

function allowedValue(schema: JsonSchema): string {
  const choices = choicesOf(schema);
  if (choices.length > 0) return choices.map((choice) => JSON.stringify(choice)).join(', ');
  if (schema.pattern !== undefined) return patternInWords(schema.pattern);
  if (schema.type === 'integer' || schema.type === 'number') {
    const kind = schema.type === 'integer' ? 'a whole number' : 'a number';
    const bounds = [
      ...(schema.minimum === undefined ? [] : [`from ${schema.minimum}`]),
      ...(schema.maximum === undefined ? [] : [`to ${schema.maximum}`]),
    ];
    return [kind, ...bounds].join(' ');
  }
  if (schema.type === 'array') return listInWords(schema);
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'object') return objectInWords(schema);
  return textInWords(schema);
}

const listInWords = (schema: JsonSchema): string =>
  `a list${schema.maxItems === undefined ? '' : ` of at most ${schema.maxItems}`}: ${allowed(schema.items ?? {})}`;

function objectInWords(schema: JsonSchema): string {
  const values = valuesOf(schema);
  if (values !== null) return `a map to ${allowed(values)}`;
  return `an object with ${Object.keys(schema.properties ?? {}).join(', ')}`;
}

function textInWords({ minLength, maxLength }: JsonSchema): string {
  const least = minLength === undefined ? '' : ` of at least ${minLength}`;
  const most = maxLength === undefined ? '' : `${least === '' ? ' of' : ' and'} at most ${maxLength}`;
  return `text${least}${most}${least + most === '' ? '' : ' characters'}`;
}

/** `x-kubernetes-list-type`: sets hold a value once, maps a key once. JSON Schema has no word for the second. */
function duplicates(
  source: JsonSchema,
  value: unknown,
  path: Path,
): readonly { readonly path: Path; readonly message: string }[] {
  const { schema } = withoutNull(source);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const key = schema['x-kubernetes-list-map-keys']?.[0];
    const listed = schema['x-kubernetes-list-type'] !== undefined;
    const identities = items.map((item) => JSON.stringify(key === undefined ? item : valueAt(item, [key])));
    return items.flatMap((item, index) => [
      ...(listed && identities.indexOf(identities[index] ?? '') < index
        ? [{ path: [...path, index], message: `found ${identities[index]} a second time, allowed: once` }]
        : []),
      ...duplicates(schema.items ?? {}, item, [...path, index]),
    ]);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    duplicates(schema.properties?.[name] ?? {}, field, [...path, name]),
  );
}

/** JSON Pointer (RFC 6901) → path; a segment is an index where the value there is a list. */
function pathOf(pointer: string, value: unknown): Path {
  let at = value;
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => {
      const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
      const key = Array.isArray(at) ? Number(name) : name;
      at = valueAt(at, [key]);
      return key;
    });
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Readonly<Record<string | number, unknown>>)[key] : undefined,
    value,
  );
}

function schemaAt(root: JsonSchema, path: Path): JsonSchema {
  return path.reduce<JsonSchema>((at, key) => {
    const { schema } = withoutNull(at);
    const next = typeof key === 'number' ? schema.items : (schema.properties?.[key] ?? valuesOf(schema));
    return withoutNull(next ?? {}).schema;
  }, root);
}
