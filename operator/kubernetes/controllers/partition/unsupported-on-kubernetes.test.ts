import { expect, test } from 'vitest';
import { testCluster } from '../../../cluster/test-support/imapd-input.ts';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import { unsupportedCluster, unsupportedPartition } from './unsupported-on-kubernetes.ts';

const { spec, metadata } = testPartition();

function withPodRef(): typeof spec {
  const { spec: existing } = testPartition(null);
  const members = [{ name: 'pg-0', host: 'pg-0.example', podRef: { name: 'pg-0' } }];
  return { ...existing, repository: { ...existing.repository, members } };
}

const onEngine = (asked: typeof spec, engine: typeof spec.repository.engine): typeof spec => ({
  ...asked,
  repository: { ...asked.repository, engine },
});

test('what is built is supported', () => {
  expect(unsupportedPartition({ spec, metadata })).toBeNull();
  for (const engine of ['mariadb', 'mysql'] as const)
    for (const { spec: asked } of [testPartition(), testPartition(null)])
      expect(unsupportedPartition({ spec: onEngine(asked, engine), metadata })).toBeNull();
  expect(unsupportedPartition(testPartition(null))).toBeNull();
  expect(unsupportedCluster(testCluster())).toBeNull();
});

test('a partition whose Secret would be that of its cluster is declined, and no other', () => {
  const { name: cluster } = spec.clusterRef;
  const refusal = unsupportedPartition({ spec, metadata: { ...metadata, name: `${cluster}-imapd` } });
  expect(refusal).toMatchObject({ whole: true, message: expect.stringContaining(`${cluster}-imapd-credentials`) });
  expect(unsupportedPartition({ spec, metadata: { ...metadata, name: `${cluster}-imap` } })).toBeNull();
  expect(unsupportedPartition({ spec, metadata: { ...metadata, name: cluster } })).toBeNull();
});

test.each([{ name: 'the pod of a server of others', spec: withPodRef(), whole: false }])(
  '$name is declined',
  ({ spec: asked, whole }) => {
    expect(unsupportedPartition({ spec: asked, metadata })).toMatchObject({
      whole,
      message: expect.stringContaining('spec.'),
    });
  },
);

test('new passwords for servers of others are declined, as those of managed ones are not', () => {
  const annotations = { 'imapcluster.io/rotate-credentials': 'now' };
  const asked = { metadata: { ...metadata, annotations } };
  expect(unsupportedPartition({ spec, ...asked })).toBeNull();
  const existing = withPodRef();
  const members = [{ name: 'pg-0', host: 'pg-0.example' }];
  const others = { ...existing, repository: { ...existing.repository, members } };
  expect(unsupportedPartition({ spec: others, metadata })).toBeNull();
  const message = expect.stringContaining('imapcluster.io/rotate-credentials');
  expect(unsupportedPartition({ spec: others, ...asked })).toEqual({ whole: false, message });
});

test('what only a newer version knows is named, and all else obeyed', () => {
  const durability = { ...spec.durability, mode: 'Everywhere' };
  const newer = { ...spec, durability, more: { than: 'is known' } } as unknown as typeof spec;
  expect(unsupportedPartition({ spec: newer, metadata })).toMatchObject({
    whole: false,
    message: expect.stringContaining('spec.durability.mode: Everywhere, spec.more'),
  });
  const { spec: clusterSpec } = testCluster();
  const newerCluster = { spec: { ...clusterSpec, further: true } };
  expect(unsupportedCluster(newerCluster)).toMatchObject({ message: expect.stringContaining('spec.further') });
});
