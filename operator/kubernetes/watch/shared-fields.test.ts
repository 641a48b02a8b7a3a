import { expect, test } from 'vitest';
import { type Fields, sharedFields } from './shared-fields.ts';

/** As the API server writes it of an object that belongs to another. */
const fieldsOf = (uid: string, data = 'f:agent.json'): Fields => ({
  'f:data': { [data]: {} },
  'f:metadata': {
    'f:labels': { 'f:app.kubernetes.io/name': {}, 'f:imapcluster.io/partition': {} },
    'f:ownerReferences': { [`k:{"uid":"${uid}"}`]: {} },
  },
  'f:spec': { 'f:ports': { 'k:{"port":5432,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
});

test('says the same, name by name and in the same order', () => {
  for (const uid of ['a', 'b', 'a'])
    expect(JSON.stringify(sharedFields(fieldsOf(uid)))).toBe(JSON.stringify(fieldsOf(uid)));
  expect(sharedFields({})).toEqual({});
});

test('objects of two owners share all that does not name them; those of none share all', () => {
  const [a, b] = [sharedFields(fieldsOf('a')), sharedFields(fieldsOf('b'))];
  const labels = (fields: Fields) => fields['f:metadata']?.['f:labels'];
  expect(labels(a)).toBe(labels(b));
  expect([a['f:data'], a['f:spec']]).toEqual([b['f:data'], b['f:spec']]);
  expect(a['f:data']).toBe(b['f:data']);
  expect(a['f:spec']).toBe(b['f:spec']);
  const { 'f:metadata': _, ...rest } = fieldsOf('a');
  expect(sharedFields(rest)).toBe(sharedFields(structuredClone(rest)));
});

test('what is alike in its names alone is not the same', () => {
  expect(sharedFields({ 'f:a': { 'f:b': {} }, 'f:c': {} })).not.toEqual(
    sharedFields({ 'f:a': {}, 'f:c': { 'f:b': {} } }),
  );
  expect(sharedFields({ 'f:a': { 'f:b': {}, 'f:c': {} } })).not.toEqual(
    sharedFields({ 'f:a': { 'f:b': { 'f:c': {} } } }),
  );
  expect(sharedFields({ 'f:1"2': {} })).not.toBe(sharedFields({ 'f:1': {} }));
});

test('more forms than are remembered are told apart all the same', () => {
  const form = (number: number): Fields => ({ [`f:${number}`]: { 'f:x': { [`f:${number}`]: {} } } });
  for (let number = 0; number < 12_000; number += 1)
    expect(JSON.stringify(sharedFields(form(number)))).toBe(JSON.stringify(form(number)));
});
