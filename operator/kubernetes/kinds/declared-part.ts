import { type SchemaNode, valuesOf } from './schema-node.ts';

/** What of a value a schema has a place for. The API server refuses to apply anything else. */
export function declaredPart(value: unknown, schema: SchemaNode): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const values = valuesOf(schema);
  if (Array.isArray(value)) return values === undefined ? value : value.map((item) => declaredPart(item, values));
  const { properties } = schema;
  const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const node = properties === undefined ? values : properties[name];
    // A node that says nothing of what is below it takes anything.
    if (node === undefined) return properties === undefined ? [[name, field]] : [];
    return [[name, declaredPart(field, node)]];
  });
  return Object.fromEntries(entries);
}
