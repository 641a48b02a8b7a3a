import { afterAll, beforeAll, expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { clusterObjects } from '../cluster/cluster-objects.ts';
import { credentialsSecret } from '../cluster/credentials-secret.ts';
import { routingConfigMap } from '../cluster/routing-config-map.ts';
import { imapdInput } from '../cluster/test-support/imapd-input.ts';
import { partitionCredentialsSecret } from '../partition/objects/credentials-secret.ts';
import { memberPod } from '../partition/objects/member-pod.ts';
import { memberVolume } from '../partition/objects/member-volume.ts';
import { partitionObjects } from '../partition/objects/partition-objects.ts';
import { memberInput } from '../partition/objects/test-support/member-input.ts';

/**
 * Promise: a real API server takes every object that the operator builds, in a namespace that enforces the restricted Pod
 * Security Standard, knows every field of it, and keeps every field as it was written. One that it rewrote would be applied
 * again at every look.
 */
let server: ApiServerWithCrds;
beforeAll(async () => {
  server = await startApiServerWithCrds();
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'post', labels } };
  expect(await server.ask('/api/v1/namespaces', { method: 'POST', body })).toMatchObject({ status: 201 });
});
afterAll(() => server?.[Symbol.asyncDispose]());

const input = imapdInput({
  tls: { secretName: 'mail-tls' },
  service: { type: 'LoadBalancer', annotations: { a: 'b' } },
});
const member = memberInput({ resources: { requests: { cpu: '1000m' }, limits: { memory: '1.5Gi' } } });
const name = memberName('users-a-0');
const passwords = { admin: 'admin-secret', replication: 'repl-secret', mail: 'mail-secret', salvage: 'salv-secret' };

const objects = [
  ...clusterObjects(input),
  routingConfigMap(input.cluster, 'a.b.c'),
  credentialsSecret(input.cluster, new Map([['users-a', 'mail-secret']])),
  ...partitionObjects(member),
  partitionCredentialsSecret(member.partition, passwords),
  memberVolume(member, name),
  memberPod(member, name, 'primary'),
];

test.each(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
  '%s',
  async (_, object) => {
    const { apiVersion, kind } = object;
    const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
    const path = `${base}/namespaces/post/${plural}?fieldValidation=Strict`;
    const answer = await server.ask(path, { method: 'POST', body: object });
    expect(answer).toMatchObject({ status: 201, body: object });
  },
);
