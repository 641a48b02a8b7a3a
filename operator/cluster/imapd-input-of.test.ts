import { expect, test } from 'vitest';
import { imapdInputOf } from './imapd-input-of.ts';
import { podDefaults, testCluster } from './test-support/imapd-input.ts';

const defaults = {
  images: { imapd: 'registry.example/imapd:1' },
  imapd: { resources: { requests: { cpu: '500m' }, limits: { memory: '1Gi' } } },
  pods: podDefaults,
};
const keys = { publicKeys: [], adminToken: 'a-token-of-some-length', scramSecret: 'a-secret-of-some-length' };
const inputOf = (spec: object) => imapdInputOf(testCluster(spec), defaults, keys);

test("what the spec leaves open is the operator's choice", () => {
  expect(inputOf({})).toMatchObject({
    image: 'registry.example/imapd:1',
    resources: defaults.imapd.resources,
    ...keys,
  });
});

test('what the spec says goes, and of amounts all or none', () => {
  const resources = { requests: { memory: '2Gi' }, limits: {} };
  expect(inputOf({ image: 'mine:2', resources: { requests: { memory: '2Gi' } } })).toMatchObject({
    image: 'mine:2',
    resources,
  });
  expect(inputOf({ resources: { requests: { memory: '2Gi' } } }).resources).toEqual(resources);
});
