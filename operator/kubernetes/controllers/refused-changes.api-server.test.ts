import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { type ApiObject, configMaps, pods, type Resource } from '../api/resource.ts';
import { servedRecord } from './test-support/served-record.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Promise: what somebody does not let the operator do to a pod is told on its partition, whose status goes on being told.

let scene: ApiScene;
beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 60_000, interval: 50 };

type Whatever = ApiObject & Readonly<Record<string, unknown>>;
const admission = (kind: string, plural: string): Resource<Whatever> => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  plural,
  namespaced: false,
});
const policies = admission('ValidatingAdmissionPolicy', 'validatingadmissionpolicies');
const bindings = admission('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings');
const webhooks = admission('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations');

const changesOfPods = { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] };
const ofNamespace = (namespace: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });

/** An administrator's rule that lets nobody change a pod. */
async function freezeByPolicy(namespace: string): Promise<void> {
  const metadata = { name: `frozen-${namespace}` };
  const matchConstraints = { namespaceSelector: ofNamespace(namespace), resourceRules: [changesOfPods] };
  const validations = [{ expression: 'false', message: 'pods are frozen here' }];
  await scene.client.create(policies, { metadata, spec: { matchConstraints, validations } });
  await scene.client.create(bindings, { metadata, spec: { policyName: metadata.name, validationActions: ['Deny'] } });
}

/** A webhook that is asked about every change of a pod, and whose server is down. */
async function freezeByWebhook(namespace: string): Promise<void> {
  const how = { failurePolicy: 'Fail', sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 1 };
  const webhook = {
    name: 'frozen.example.com',
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: [changesOfPods],
    namespaceSelector: ofNamespace(namespace),
    ...how,
  };
  await scene.client.create(webhooks, { metadata: { name: `frozen-${namespace}` }, webhooks: [webhook] });
}

test.each([
  { namespace: 'policy', freeze: freezeByPolicy, said: 'pods are frozen here' },
  { namespace: 'webhook', freeze: freezeByWebhook, said: 'failed calling webhook' },
])('labels of pods that a $namespace refuses', async ({ namespace, freeze, said }) => {
  await scene.makeNamespace(namespace);
  await freeze(namespace);
  const probe = { namespace, name: 'probe' };
  const spec = { containers: [{ name: 'probe', image: 'probe:1' }] };
  await scene.client.create(pods, { metadata: probe, spec });
  // The API server learns of it by and by.
  await vi.waitFor(async () => {
    const change = { metadata: { ...probe, labels: { now: String(Date.now()) } } };
    await expect(scene.client.merge(pods, change as ApiObject, { manager: 'test' })).rejects.toThrow(said);
  }, within);
  await scene.client.create(configMaps, servedRecord(namespace, 'users-a'));
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] } });
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await vi.waitFor(async () => {
    const partition = await scene.partition(namespace, 'users-a');
    expect(partition?.status).toMatchObject({ epoch: 3, primary: 'users-a-0', observedGeneration: 1 });
    expect(conditionOf(partition, 'ReconcileFailed')?.message).toContain(said);
    expect(conditionOf(partition, 'ReconcileFailed')?.message).toContain('users-a-0');
    expect(conditionOf(partition, 'MembersReady')?.status).toBe('False');
  }, within);
});
