import { expect, test } from 'vitest';
import { imapdDeployment } from './imapd-deployment.ts';
import type { ImapdInput } from './imapd-input.ts';
import { imapdInput } from './test-support/imapd-input.ts';

const templateOf = (input: ImapdInput) => imapdDeployment(input).spec!.template;
const podOf = (spec: object = {}) => templateOf(imapdInput(spec)).spec!;
const containerOf = (spec: object = {}) => podOf(spec).containers[0]!;

test('meets the Pod Security Standard "restricted", and writes nowhere', () => {
  expect(podOf().securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(podOf().securityContext!.runAsUser).toBeGreaterThan(0);
  expect(containerOf().securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
  });
  expect(podOf().volumes!.every((volume) => volume.secret ?? volume.configMap)).toBe(true);
  expect(podOf().hostNetwork ?? podOf().hostPID ?? podOf().hostIPC).toBeUndefined();
});

test('the selector finds the pods, and says nothing that may ever change', () => {
  const { spec } = imapdDeployment(imapdInput());
  expect(spec!.template.metadata!.labels).toMatchObject(spec!.selector.matchLabels!);
  const changed = imapdDeployment(imapdInput({ replicas: 9, service: { type: 'NodePort' } }, { image: 'other:2' }));
  expect(changed.spec!.selector).toEqual(spec!.selector);
});

test('liveness and start look at the process alone; readiness is the only other question', () => {
  const { livenessProbe, startupProbe, readinessProbe } = containerOf();
  expect(livenessProbe!.httpGet!.path).toBe('/healthz');
  expect(startupProbe!.httpGet!.path).toBe('/healthz');
  expect(readinessProbe!.httpGet!.path).toBe('/readyz');
  const patience = livenessProbe!.periodSeconds! * livenessProbe!.failureThreshold!;
  expect(patience).toBeGreaterThanOrEqual(60);
});

test('probes ask a port that the container has', () => {
  const names = containerOf().ports!.map((port) => port.name);
  expect(names).toContain(containerOf().livenessProbe!.httpGet!.port);
});

test('an update never takes a pod before another serves', () => {
  const { strategy, replicas } = imapdDeployment(imapdInput({ replicas: 7 })).spec!;
  expect(replicas).toBe(7);
  expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
});

test.each([
  ['0s', 0],
  ['60s', 60],
  ['1500ms', 2],
  ['1h', 3600],
])('with a drain of %s the kubelet waits for the sleep, the drain and the last words', (drainGracePeriod, seconds) => {
  const pod = podOf({ sessions: { drainGracePeriod } });
  const { sleep } = pod.containers[0]!.lifecycle!.preStop!;
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(sleep!.seconds + seconds + 5);
});

test('spread over nodes and over zones, among the pods of the same template', () => {
  const constraints = podOf().topologySpreadConstraints!;
  expect(constraints.map((each) => each.topologyKey)).toEqual([
    'kubernetes.io/hostname',
    'topology.kubernetes.io/zone',
  ]);
  for (const each of constraints) expect(each.matchLabelKeys).toEqual(['pod-template-hash']);
});

test('the name of the pod comes from the pod', () => {
  expect(containerOf().args).toContain('pod=$(POD_NAME)');
  expect(containerOf().env).toEqual([
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
  ]);
});

test('a new configuration or image restarts pods; another key, number, Service or state of pause does not', () => {
  const before = templateOf(imapdInput());
  expect(templateOf(imapdInput({ sessions: { writeHold: '20s' } }))).not.toEqual(before);
  expect(templateOf(imapdInput({}, { adminToken: 'another-token-of-length' }))).not.toEqual(before);
  expect(templateOf(imapdInput({}, { image: 'registry.example/imapd:2' }))).not.toEqual(before);
  const publicKeys = [{ kty: 'OKP', crv: 'Ed25519', x: 'BBBB' }];
  expect(templateOf(imapdInput({}, { publicKeys }))).toEqual(before);
  expect(templateOf(imapdInput({ replicas: 5, paused: true, service: { type: 'LoadBalancer' } }))).toEqual(before);
});

test('the order of what the spec lists does not matter', () => {
  const [one, other] = [
    ['IDLE', 'MOVE'],
    ['MOVE', 'IDLE'],
  ].map((disabled) => imapdInput({ capabilities: { disabled } }));
  expect(imapdDeployment(one!)).toEqual(imapdDeployment(other!));
});

test('IMAP over TLS needs a certificate, which is mounted as a folder so that it can be renewed', () => {
  expect(containerOf().ports!.map((port) => port.name)).toEqual(['imap', 'admin']);
  const pod = podOf({ tls: { secretName: 'mail-tls' } });
  expect(pod.containers[0]!.ports!.map((port) => port.name)).toEqual(['imap', 'imaps', 'admin']);
  expect(pod.volumes).toContainEqual({
    name: 'tls',
    secret: { secretName: 'mail-tls', defaultMode: 0o440, optional: false },
  });
  for (const mount of pod.containers[0]!.volumeMounts!) expect(mount).not.toHaveProperty('subPath');
});

test('the authority of an issuer of tokens is mounted where one is named', () => {
  const oauthBearer = { issuer: 'https://id.example.org', audience: 'mail', caSecretName: 'issuer' };
  const pod = podOf({ authentication: { oauthBearer } });
  expect(pod.volumes).toContainEqual({
    name: 'issuer-authority',
    secret: { secretName: 'issuer', defaultMode: 0o440, optional: false },
  });
  expect(pod.containers[0]!.volumeMounts).toContainEqual({
    ...{ name: 'issuer-authority', mountPath: '/etc/imapcluster/issuer-authority', readOnly: true },
  });
});

test('amounts are written as the API server writes them', () => {
  expect(containerOf().resources).toEqual({ requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '1Gi' } });
  const bare = imapdInput({}, { resources: { requests: {}, limits: {} } });
  expect(templateOf(bare).spec!.containers[0]!.resources).toEqual({});
});
