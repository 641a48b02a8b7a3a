import { type SchemaNode, valuesOf } from './schema-node.ts';

/** Fields and values of `ours` that `served` does not have, by path: what would be refused, or dropped without a word. */
export function missingFields(ours: SchemaNode, served: SchemaNode, path = ''): readonly string[] {
  const fields = Object.entries(ours.properties ?? {}).flatMap(([name, node]) => {
    const other = served.properties?.[name];
    return other === undefined ? [`${path}.${name}`] : missingFields(node, other, `${path}.${name}`);
  });
  const [inner, otherInner] = [valuesOf(ours), valuesOf(served)];
  const below = inner === undefined || otherInner === undefined ? [] : missingFields(inner, otherInner, `${path}[]`);
  const values = served.enum === undefined ? [] : (ours.enum ?? []).filter((value) => !served.enum?.includes(value));
  return [...fields, ...below, ...values.map((value) => `${path}: ${String(value)}`)];
}
