import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Kind, kinds } from '../kind.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { driftOf } from './drift.ts';
import { structuralSchema } from './structural-schema.ts';

type Node = Readonly<Record<string, unknown>>;

const rootOf = (kind: Kind): Node => {
  const crd = JSON.parse(JSON.stringify(customResourceDefinition(kind)));
  return crd.spec.versions[0].schema.openAPIV3Schema as Node;
};

/** Every node below and including `node`, with its path. */
function* nodes(node: Node, path = ''): Generator<readonly [string, Node]> {
  yield [path, node];
  for (const [name, property] of Object.entries((node.properties ?? {}) as Record<string, Node>)) {
    yield* nodes(property, `${path}.${name}`);
  }
  for (const key of ['items', 'additionalProperties']) {
    if (typeof node[key] === 'object') yield* nodes(node[key] as Node, `${path}[]`);
  }
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))('%s', (_, kind) => {
  test('what is committed is what the schemas say', () => {
    const file = join(import.meta.dirname, `../generated/imapcluster.io_${kind.plural}.yaml`);
    expect(parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(customResourceDefinition(kind))));
  });

  test('every node is structural: a type, a description, nothing that the API server refuses', () => {
    for (const [path, node] of nodes(rootOf(kind))) {
      expect([path, typeof node.type]).toEqual([path, 'string']);
      expect([path, node.anyOf, node.const, node.patternProperties]).toEqual([path, undefined, undefined, undefined]);
      expect([path, node.additionalProperties]).not.toEqual([path, false]);
      if (path !== '.metadata' && !path.endsWith('[]'))
        expect([path, typeof node.description]).toEqual([path, 'string']);
    }
  });

  test('lists are bounded, so that rules over them have a bounded cost', () => {
    for (const [path, node] of nodes(rootOf(kind))) {
      if (node.type === 'array') expect([path, typeof node.maxItems]).toEqual([path, 'number']);
    }
  });

  test('every rule stands somewhere', () => {
    const placed = [...nodes(rootOf(kind))].flatMap(
      ([, node]) => (node['x-kubernetes-validations'] ?? []) as { readonly rule: string }[],
    );
    expect(placed.map(({ rule }) => rule).sort()).toEqual(kind.rules.map(({ cel }) => cel).sort());
  });
});

test('X | null becomes nullable; of a list of values it is refused, as an API server would refuse the null', () => {
  const orNull = (of: object) => ({ anyOf: [{ type: 'string', ...of }, { type: 'null' }], description: 'd' });
  expect(structuralSchema(orNull({}), [])).toEqual({ type: 'string', description: 'd', nullable: true });
  expect(() => structuralSchema(orNull({ enum: ['a'] }), [])).toThrow('leave the field out');
});

test('drift is shown where it is', () => {
  expect(driftOf('x.yaml', { committed: 'a\n', generated: 'a\n' })).toBeNull();
  expect(driftOf('x.yaml', { committed: 'a\nb\nd\n', generated: 'a\nc\nd\n' })).toBe(
    '--- x.yaml (committed)\n+++ x.yaml (generated)\n@@ line 2 @@\n-b\n+c',
  );
});
