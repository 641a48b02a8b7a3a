import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { ANNOTATION } from '../../objects/labels.ts';
import { stockImage } from './database-image.ts';
import { HAND_OVER_MS } from './member-configuration.ts';
import type { MemberInput } from './member-input.ts';
import type { MemberRole } from './member-labels.ts';
import { memberPod } from './member-pod.ts';
import { memberVolume } from './member-volume.ts';
import { memberInput, testPartition } from './test-support/member-input.ts';

const MEMBER = memberName('users-a-1');
const podOf = (input: MemberInput = memberInput(), role: MemberRole = 'replica') => memberPod(input, MEMBER, role);
const specOf = (input?: MemberInput) => podOf(input).spec!;
const containers = () => [...specOf().initContainers!, ...specOf().containers];
const hashIn = (input: MemberInput, role?: MemberRole) => podOf(input, role).metadata.annotations![ANNOTATION.podHash];

test('meets the Pod Security Standard "restricted", as the user of the image', () => {
  expect(specOf().securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 999,
    runAsGroup: 999,
    fsGroup: 999,
    // Changing every file at every start would open the data folder to the group, and PostgreSQL would refuse it.
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  });
  for (const { securityContext } of containers()) {
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
  }
  expect(specOf().automountServiceAccountToken).toBe(false);
});

test('the agent comes by the init container and is the first process of the stock image', () => {
  const [install, database] = containers();
  expect(install).toMatchObject({ image: 'registry.example/member:1', args: ['/opt/imapcluster'] });
  expect(install!.volumeMounts).toEqual([{ name: 'agent', mountPath: '/opt/imapcluster' }]);
  expect(database).toMatchObject({ image: 'postgres:18', command: ['/opt/imapcluster/launch', 'member'] });
  const fields = ['member=users-a-1', 'server.host=$(POD_IP)', 'instance=$(POD_UID)'];
  expect(database!.args).toEqual(expect.arrayContaining(fields));
  expect(database!.env!.map(({ name, valueFrom }) => `${name} ${valueFrom!.fieldRef!.fieldPath}`)).toEqual([
    'POD_IP status.podIP',
    'POD_UID metadata.uid',
  ]);
});

/** `EXIT_MS` of `member/main.ts`: the agent ends itself so long after it may stop its server. */
const AGENT_ENDS_MS = 20_000;

test('what a primary may take to hand over and to stop in order is within the grace period', () => {
  expect(specOf().terminationGracePeriodSeconds! * 1_000).toBeGreaterThan(HAND_OVER_MS + AGENT_ENDS_MS);
});

test('probes ask the agent; liveness asks for nothing but its event loop', () => {
  const { livenessProbe, startupProbe, readinessProbe, ports } = specOf().containers[0]!;
  expect(livenessProbe!.httpGet!.path).toBe('/healthz');
  expect(startupProbe!.httpGet!.path).toBe('/healthz');
  expect(readinessProbe!.httpGet!.path).toBe('/readyz');
  expect(ports!.map(({ name }) => name)).toContain(livenessProbe!.httpGet!.port);
});

test('every mount has its volume, and no volume is mounted nowhere', () => {
  const mounts = new Set(containers().flatMap(({ volumeMounts }) => volumeMounts!.map(({ name }) => name)));
  expect([...mounts].toSorted()).toEqual(
    specOf()
      .volumes!.map(({ name }) => name)
      .toSorted(),
  );
});

test('data outlive the pod', () => {
  const data = specOf().volumes!.find(({ name }) => name === 'data');
  expect(data!.persistentVolumeClaim!.claimName).toBe(memberVolume(memberInput(), MEMBER).metadata.name);
});

test('members keep apart: other nodes before other zones', () => {
  const wishes = specOf().affinity!.podAntiAffinity!.preferredDuringSchedulingIgnoredDuringExecution!;
  const heaviest = wishes.toSorted((a, b) => b.weight - a.weight).map(({ podAffinityTerm }) => podAffinityTerm);
  expect(heaviest.map(({ topologyKey }) => topologyKey)).toEqual([
    'kubernetes.io/hostname',
    'topology.kubernetes.io/zone',
  ]);
  for (const { labelSelector } of heaviest) expect(podOf().metadata.labels).toMatchObject(labelSelector!.matchLabels!);
});

test('a change of role is a change of a label, and of nothing else', () => {
  const [replica, primary, unsettled] = [podOf(), podOf(memberInput(), 'primary'), podOf(memberInput(), null)];
  expect(primary.metadata.labels!['imapcluster.io/role']).toBe('primary');
  expect(unsettled.metadata.labels).not.toHaveProperty('imapcluster.io/role');
  expect(primary.spec).toEqual(replica.spec);
  expect(primary.metadata.annotations).toEqual(replica.metadata.annotations);
});

test('whatever the server or its agent runs on shows in the hash; the size of its volume does not', () => {
  const before = hashIn(memberInput());
  expect(hashIn(memberInput())).toBe(before);
  expect(hashIn(memberInput({ storage: { size: '40Gi' } }))).toBe(before);
  expect(hashIn(memberInput({ parameters: { work_mem: '8MB' } }))).not.toBe(before);
  expect(hashIn(memberInput({ resources: { limits: { memory: '1Gi' } } }))).not.toBe(before);
  expect(hashIn(memberInput({}, { agentImage: 'registry.example/member:2' }))).not.toBe(before);
  expect(hashIn(memberInput({}, { database: stockImage('postgresql', 'postgres:18.1', 18) }))).not.toBe(before);
  // Running agents read the keys again.
  const operatorKeys = [{ kty: 'OKP', crv: 'Ed25519', x: 'BBBB' }];
  expect(hashIn(memberInput({}, { operatorKeys }))).toBe(before);
  const parameters = { work_mem: '8MB', jit: 'off' };
  const sameInOtherOrder = { jit: 'off', work_mem: '8MB' };
  expect(hashIn(memberInput({ parameters }))).toBe(hashIn(memberInput({ parameters: sameInOtherOrder })));
});

test('a volume is kept unless its deletion is asked for', () => {
  expect(memberVolume(memberInput(), MEMBER).metadata).not.toHaveProperty('ownerReferences');
  expect(memberVolume(memberInput({ reclaim: 'Delete' }), MEMBER).metadata.ownerReferences).toMatchObject([
    { kind: 'MailboxPartition', name: 'users-a' },
  ]);
});

test('a volume is as large as asked, written as the API server writes it, in the class that was asked for', () => {
  const { spec } = memberVolume(memberInput({ storage: { size: '2048Gi', storageClassName: 'fast' } }), MEMBER);
  expect(spec).toMatchObject({ storageClassName: 'fast', resources: { requests: { storage: '2Ti' } } });
  expect(memberVolume(memberInput(), MEMBER).spec).not.toHaveProperty('storageClassName');
});

test('nothing is made for servers that somebody else runs', () => {
  expect(() => podOf(memberInput({}, { partition: testPartition(null) }))).toThrow(RangeError);
});
