import { expect, test } from 'vitest';
import { rootSchema } from '#crds/generation/root-schema.ts';
import { kinds } from '#crds/kind.ts';
import { fullStatus } from '#crds/test-support/status-examples.ts';
import { declaredPart } from './declared-part.ts';
import { missingFields } from './missing-fields.ts';
import type { SchemaNode } from './schema-node.ts';
import { undeclaredFields } from './undeclared-fields.ts';

const word = { enum: ['a', 'b'] };
const ours: SchemaNode = {
  properties: {
    name: {},
    word,
    list: { items: { properties: { x: {}, y: {} } } },
    map: { additionalProperties: word },
  },
};
const older: SchemaNode = {
  properties: {
    word: { enum: ['a'] },
    list: { items: { properties: { x: {} } } },
    map: { additionalProperties: { enum: ['a'] } },
  },
};

test('what an older schema lacks is named by its path, words too', () => {
  expect(missingFields(ours, older)).toEqual(['.name', '.word: b', '.list[].y', '.map[]: b']);
  expect(missingFields(older, ours)).toEqual([]);
});

test('what it has a place for is kept', () => {
  const value = { name: 'n', word: 'a', list: [{ x: 1, y: 2 }, null], map: { k: 'a' } };
  expect(declaredPart(value, ours)).toEqual(value);
  expect(declaredPart(value, older)).toEqual({ word: 'a', list: [{ x: 1 }, null], map: { k: 'a' } });
});

test('what is not known is named by its path', () => {
  const value = { name: 'n', word: 'c', list: [{ x: 1, z: 2 }], map: { k: 'a' }, more: {} };
  expect(undeclaredFields(value, ours, 'spec')).toEqual(['spec.word: c', 'spec.list[0].z', 'spec.more']);
});

test.each(kinds)('every field of a status of $kind has its place', (kind) => {
  const { properties = {} } = rootSchema(kind) as SchemaNode;
  const status = fullStatus[kind.kind as keyof typeof fullStatus];
  expect(declaredPart(status, properties.status ?? {})).toEqual(status);
  expect(undeclaredFields(status, properties.status ?? {}, 'status')).toEqual([]);
});
