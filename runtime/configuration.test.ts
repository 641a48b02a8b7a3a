import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfiguration } from './configuration.ts';
import type { Settings } from './program-options.ts';

const names = Array.from({ length: 12 }, (_, index) => `field${index}`);
const schema = Type.Object(
  {
    ...Object.fromEntries(names.map((name) => [name, Type.Integer()])),
    limit: Type.Integer({ default: 7 }),
    name: Type.Optional(Type.String()),
    inner: Type.Object({ port: Type.Integer() }, { additionalProperties: false, default: { port: 1 } }),
  },
  { additionalProperties: false },
);
const good = Object.fromEntries(names.map((name, index) => [name, index]));

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'configuration-'));
  file = join(folder, 'a.json');
});
afterEach(() => rm(folder, { recursive: true }));

const load = async (value: unknown, settings: Settings = {}): Promise<unknown> => {
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
  return await loadConfiguration(file, schema, settings);
};

test('defaults are applied', async () => {
  expect(await load(good)).toEqual({ ...good, limit: 7, inner: { port: 1 } });
});

test('every mistake is named at once, however many there are', async () => {
  const wrong = Object.fromEntries(names.map((name) => [name, 'x']));
  const expected = names.map((name) => `  /${name}: must be integer`).join('\n');
  await expect(load(wrong)).rejects.toThrow(`${file}:\n${expected}`);
});

test('what is missing and what is unknown is named', async () => {
  const { field3: _, ...rest } = good;
  const told = await load({ ...rest, inner: { port: 2, prot: 3 }, feild3: 3 }).catch((error: Error) => error.message);
  expect(String(told).split('\n').toSorted()).toEqual(
    [`${file}:`, '  /feild3: an unknown field', '  /field3: missing', '  /inner/prot: an unknown field'].toSorted(),
  );
});

test('no file, and no JSON', async () => {
  await expect(loadConfiguration(join(folder, 'none'), schema)).rejects.toThrow(/none: cannot be read: ENOENT/);
  await expect(load('{"field1":')).rejects.toThrow('not JSON');
});

test('what a command line sets stands in for the file, and is checked like it', async () => {
  expect(await load({ ...good, name: 'of the file' }, { name: 'imapd-1' })).toMatchObject({ name: 'imapd-1' });
  await expect(load(good, { 'inner.nmae': 'x' })).rejects.toThrow('/inner/nmae: an unknown field');
});
