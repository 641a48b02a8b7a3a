import { expect, test } from 'vitest';
import { keepOwnFields } from './keep-own-fields.ts';

const object = (name: string, ...owners: readonly string[]) => ({
  metadata: {
    name,
    managedFields: owners.map((manager) => ({
      manager,
      operation: 'Apply',
      // Made anew each time, as out of an answer.
      fieldsV1: { 'f:spec': { [`f:${manager}`]: {} } },
    })),
  },
});

const ownersOf = (kept: object) =>
  (kept as ReturnType<typeof object>).metadata.managedFields?.map(({ manager }) => manager);

test('the entry of one manager stays, and nobody else’s; without a name nobody’s', () => {
  expect(ownersOf(keepOwnFields(object('a', 'us', 'them'), 'us'))).toEqual(['us']);
  expect(keepOwnFields(object('a', 'them'), 'us')).toEqual({ metadata: { name: 'a' } });
  expect(keepOwnFields(object('a', 'us'), null)).toEqual({ metadata: { name: 'a' } });
  expect(keepOwnFields({ metadata: { name: 'a' } }, 'us')).toEqual({ metadata: { name: 'a' } });
});

test('the same fields of thousands of objects are kept once, and other fields are others', () => {
  const fieldsOf = (name: string, manager: string) =>
    keepOwnFields(object(name, manager), manager).metadata.managedFields?.[0]?.fieldsV1;
  expect(fieldsOf('a', 'us')).toEqual({ 'f:spec': { 'f:us': {} } });
  expect(fieldsOf('b', 'us')).toBe(fieldsOf('a', 'us'));
  expect(fieldsOf('c', 'them')).toEqual({ 'f:spec': { 'f:them': {} } });
});

test('however many sets of fields there are, few are remembered', () => {
  const kept = Array.from({ length: 3_000 }, (_, index) => keepOwnFields(object('a', `us-${index}`), `us-${index}`));
  expect(kept.map((each) => each.metadata.managedFields?.[0]?.fieldsV1)).toEqual(
    kept.map((_, index) => ({ 'f:spec': { [`f:us-${index}`]: {} } })),
  );
});
