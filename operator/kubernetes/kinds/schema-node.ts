/** What is looked at of a node of a schema: ours, and the API server's as it publishes it. */
export type SchemaNode = {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  /** Of a map, the schema of its values. */
  readonly additionalProperties?: SchemaNode | boolean;
  readonly enum?: readonly unknown[];
};

/** The schema of what stands in a list or map. */
export function valuesOf({ items, additionalProperties }: SchemaNode): SchemaNode | undefined {
  return items ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
}
