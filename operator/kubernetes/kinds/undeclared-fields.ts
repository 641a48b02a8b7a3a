import { type SchemaNode, valuesOf } from './schema-node.ts';

/** Fields of a value, and words in it, that a schema does not know, by path. */
export function undeclaredFields(value: unknown, schema: SchemaNode, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) {
    const isUnknown = schema.enum !== undefined && !schema.enum.includes(value);
    return isUnknown ? [`${path}: ${String(value)}`] : [];
  }
  const { properties } = schema;
  const values = valuesOf(schema);
  return Object.entries(value).flatMap(([name, field]) => {
    const here = Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`;
    const node = Array.isArray(value) || properties === undefined ? values : properties[name];
    if (node !== undefined) return undeclaredFields(field, node, here);
    return properties === undefined ? [] : [here];
  });
}
