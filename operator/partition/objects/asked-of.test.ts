import { expect, test } from 'vitest';
import { askedOf } from './asked-of.ts';
import { memberInput } from './test-support/member-input.ts';

const asked = (managed: object = {}, overrides: object = {}) => askedOf(memberInput(managed, overrides));

test('the same in every version: with another value here an upgrade would replace all members of everybody', () => {
  expect(asked({ parameters: { work_mem: '8MB' }, resources: { limits: { memory: '1Gi' } } })).toBe('91698cf6c7c2e4f8');
});

test('what people ask of running members is in it; what the operator makes of it, and what changes without a restart, is not', () => {
  const before = asked();
  for (const managed of [
    { parameters: { work_mem: '8MB' } },
    { resources: { limits: { cpu: '2' } } },
    { instances: 1 },
  ])
    expect(asked(managed), JSON.stringify(managed)).not.toBe(before);
  for (const managed of [{ instances: 5 }, { storage: { size: '40Gi' } }, { image: 'postgres:18', majorVersion: 18 }])
    expect(asked(managed), JSON.stringify(managed)).toBe(before);
  expect(asked({}, { agentImage: 'registry.example/member:2' })).toBe(before);
  const sameInOtherOrder = asked({ parameters: { b: '1', a: '2' } });
  expect(asked({ resources: { limits: { memory: '1024Mi' } } })).toBe(
    asked({ resources: { limits: { memory: '1Gi' } } }),
  );
  expect(asked({ parameters: { a: '2', b: '1' } })).toBe(sameInOtherOrder);
});
