/**
 * The part of JSON Schema that our TypeBox schemas use, as plain data: enough to walk a schema without asking TypeBox
 * for the type of every node.
 */
export type JsonSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly items?: JsonSchema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
};

/** TypeBox marks its schemas with properties that JSON does not carry: a copy through JSON is the plain schema. */
export const plainSchema = (schema: object): JsonSchema => JSON.parse(JSON.stringify(schema)) as JsonSchema;

/** The schema of the values of a map (`Type.Record`), or null. */
export const valuesOf = (schema: JsonSchema): JsonSchema | null =>
  Object.values(schema.patternProperties ?? {})[0] ?? null;

/** A schema that also allows null, taken apart: `X | null` → X. */
export function withoutNull(schema: JsonSchema): { readonly schema: JsonSchema; readonly nullable: boolean } {
  const others = schema.anyOf?.filter((branch) => branch.type !== 'null') ?? [];
  const [only] = others;
  if (schema.anyOf === undefined || only === undefined || others.length !== 1) return { schema, nullable: false };
  const description = schema.description ?? only.description;
  return { schema: description === undefined ? only : { ...only, description }, nullable: true };
}
