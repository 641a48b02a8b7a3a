import type { Rule } from '../rules/rule.ts';
import { type JsonSchema, valuesOf, withoutNull } from './json-schema.ts';

/** A node of a structural schema as the API server takes it. */
export type StructuralSchema = { readonly [key: string]: unknown };

const COPIED = [
  'description',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
] as const satisfies readonly (keyof JsonSchema)[];
const INT32 = 2 ** 31 - 1;

/**
 * Turns a schema of ours into a structural one: every node has a type, unknown fields are pruned instead of forbidden,
 * `X | null` becomes `nullable`, and the rules are put where their `self` is.
 * @param at path of this node below the object, in the terms of `Rule.at`
 */
export function structuralSchema(
  source: JsonSchema,
  rules: readonly Rule[],
  at: readonly string[] = [],
): StructuralSchema {
  const { schema, nullable } = withoutNull(source);
  const type = typeOf(schema);
  const validations = rules.filter((rule) => samePath(rule.at, at)).map(({ cel, message }) => ({ rule: cel, message }));
  return {
    type,
    ...Object.fromEntries(COPIED.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]])),
    ...defaultOf(schema),
    ...formatOf(schema, type),
    ...(nullable ? { nullable: true } : {}),
    ...enumOf(schema, nullable),
    ...childrenOf(schema, rules, at),
    ...(validations.length === 0 ? {} : { 'x-kubernetes-validations': validations }),
  };
}

function childrenOf(schema: JsonSchema, rules: readonly Rule[], at: readonly string[]): StructuralSchema {
  const values = valuesOf(schema);
  if (values !== null) return { additionalProperties: structuralSchema(values, rules, [...at, '*']) };
  if (schema.items !== undefined) return { items: structuralSchema(schema.items, rules, [...at, '*']) };
  if (schema.properties === undefined) return {};
  const properties = Object.entries(schema.properties).map(
    ([name, property]) => [name, structuralSchema(property, rules, [...at, name])] as const,
  );
  // A field with a default is never missing; listing it would only confuse clients that check before sending.
  const required = (schema.required ?? []).filter((name) => schema.properties?.[name]?.default === undefined);
  return { properties: Object.fromEntries(properties), ...(required.length === 0 ? {} : { required }) };
}

function defaultOf(schema: JsonSchema): StructuralSchema {
  return schema.default === undefined ? {} : { default: wholeDefault(schema) };
}

/** The API server judges a default by the rules before it puts in the defaults of its fields: so these stand in it. */
function wholeDefault({ default: value, properties = {} }: JsonSchema): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(properties).filter(([, field]) => field.default !== undefined);
  return { ...Object.fromEntries(fields.map(([name, field]) => [name, wholeDefault(field)])), ...value };
}

function typeOf(schema: JsonSchema): string {
  if (schema.type !== undefined) return schema.type;
  if (schema.enum?.every((value) => typeof value === 'string') === true) return 'string';
  throw new TypeError(`no structural type for ${JSON.stringify(schema)}`);
}

/** An API server takes no null where there is a list of values, be it `nullable`, be null in the list: absence says it. */
function enumOf({ enum: values }: JsonSchema, nullable: boolean): StructuralSchema {
  if (values === undefined) return {};
  if (nullable) throw new TypeError(`one of ${values.join(', ')} or null: leave the field out in place of null`);
  return { enum: values };
}

function formatOf(schema: JsonSchema, type: string): StructuralSchema {
  if (schema.format !== undefined) return { format: schema.format };
  if (type !== 'integer') return {};
  return { format: schema.maximum !== undefined && schema.maximum <= INT32 ? 'int32' : 'int64' };
}

const samePath = (a: readonly string[], b: readonly string[]): boolean => a.join('/') === b.join('/');
