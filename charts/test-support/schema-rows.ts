export type JsonSchema = {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
};

export type SchemaRow = { readonly path: string; readonly fallback: unknown };

/** Every value that a schema knows: what has a default of its own, or nothing in it. */
export const rowsOf = (schema: JsonSchema, prefix = ''): readonly SchemaRow[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    field.properties === undefined || field.default !== undefined
      ? [{ path: prefix + name, fallback: field.default }]
      : rowsOf(field, `${prefix}${name}.`),
  );
