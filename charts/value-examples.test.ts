import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type JsonSchema, rowsOf } from './test-support/schema-rows.ts';
import { valueExamples } from './test-support/value-examples.ts';

/** Promise: there is no value whose effect no golden file shows, and the defaults are those that the schema names. */
const chart = join(import.meta.dirname, 'imapcluster');
const schema = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8')) as JsonSchema;
const defaults: unknown = parse(await readFile(join(chart, 'values.yaml'), 'utf8'));
/** Put there by charts that depend on this one, and of no effect in it. */
const WITHOUT_EFFECT = ['global', 'enabled'];
/** Shown by tests of their own, since every other render would carry the definitions along. */
const SHOWN_ELSEWHERE = ['crds.enabled', 'crds.keep', 'nameOverride', 'rbac.aggregate'];

const at = (values: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], values);

const rows = rowsOf(schema).filter(({ path }) => !WITHOUT_EFFECT.includes(path));

test('values.yaml holds the defaults of the schema, and nothing else', () => {
  expect(rows.length).toBeGreaterThan(60);
  for (const { path, fallback } of rows) expect(at(defaults, path), path).toEqual(fallback);
  const named = new Set(rowsOf(schema).map(({ path }) => path.split('.')[0]));
  expect(Object.keys(defaults as object).filter((name) => !named.has(name))).toEqual([]);
});

test('every value is changed by some example', () => {
  const untouched = rows
    .filter(({ path }) => !SHOWN_ELSEWHERE.includes(path))
    .filter(({ path, fallback }) =>
      valueExamples.every(({ values }) => {
        const value = at(values, path);
        return value === undefined || isDeepStrictEqual(value, fallback);
      }),
    );
  expect(untouched.map(({ path }) => path)).toEqual([]);
});
