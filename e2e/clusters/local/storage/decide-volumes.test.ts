import type { V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { PROVISIONER } from '../addons/storage-class.ts';
import { decideVolumes, newVolume } from './decide-volumes.ts';

const ours = { 'volume.kubernetes.io/storage-provisioner': PROVISIONER };
const scheduled = { ...ours, 'volume.kubernetes.io/selected-node': 'node2' };

function claim(change: {
  readonly annotations?: Record<string, string>;
  readonly volumeName?: string;
  readonly size?: string;
  readonly holds?: string;
}): V1PersistentVolumeClaim {
  return {
    metadata: { name: 'data', namespace: 'mail', uid: 'u1', annotations: change.annotations ?? scheduled },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      resources: { requests: { storage: change.size ?? '1Gi' } },
      ...(change.volumeName === undefined ? {} : { volumeName: change.volumeName }),
    },
    status: change.holds === undefined ? { phase: 'Pending' } : { phase: 'Bound', capacity: { storage: change.holds } },
  };
}

function volume(storage: string, phase: string, annotations = { 'pv.kubernetes.io/provisioned-by': PROVISIONER }) {
  const made: V1PersistentVolume = {
    metadata: { name: 'pvc-u1', annotations },
    spec: { capacity: { storage }, persistentVolumeReclaimPolicy: 'Delete' },
    status: { phase },
  };
  return made;
}

const kinds = (claims: readonly V1PersistentVolumeClaim[], volumes: readonly V1PersistentVolume[]): readonly string[] =>
  decideVolumes(claims, volumes).map(({ kind }) => kind);

test('a claim gets a volume once the scheduler has chosen its node, and only one', () => {
  expect(kinds([claim({ annotations: ours })], [])).toEqual([]);
  expect(kinds([claim({})], [])).toEqual(['create']);
  expect(kinds([claim({})], [volume('1Gi', 'Available')])).toEqual([]);
});

test('claims of others are left alone', () => {
  const others = { ...scheduled, 'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com' };
  expect(kinds([claim({ annotations: others })], [])).toEqual([]);
});

test('a larger wish grows the volume, until claim and volume both say so', () => {
  const wish = { volumeName: 'pvc-u1', size: '2Gi' };
  expect(kinds([claim({ ...wish, holds: '1Gi' })], [volume('1Gi', 'Bound')])).toEqual(['grow']);
  expect(kinds([claim({ ...wish, holds: '1Gi' })], [volume('2Gi', 'Bound')])).toEqual(['grow']);
  expect(kinds([claim({ ...wish, holds: '2Gi' })], [volume('2Gi', 'Bound')])).toEqual([]);
});

test('a released volume of ours goes; another stays', () => {
  expect(kinds([], [volume('1Gi', 'Released')])).toEqual(['remove']);
  expect(kinds([], [volume('1Gi', 'Bound')])).toEqual([]);
  expect(kinds([], [volume('1Gi', 'Released', { 'pv.kubernetes.io/provisioned-by': 'other' })])).toEqual([]);
});

test('a volume is for its claim and its node alone', () => {
  const [action] = decideVolumes([claim({})], []);
  if (action?.kind !== 'create') throw new Error('nothing to create');
  const { spec } = newVolume(action, '/state/volumes/pvc-u1');
  expect(spec?.claimRef).toMatchObject({ namespace: 'mail', name: 'data', uid: 'u1' });
  expect(spec?.local?.path).toBe('/state/volumes/pvc-u1');
  expect(JSON.stringify(spec?.nodeAffinity)).toContain('"node2"');
});
