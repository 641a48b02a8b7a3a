import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { builtObjects } from './test-support/built-objects.ts';
import { podOf } from './test-support/pod-of.ts';

/**
 * Promise: a real API server takes every object that the operator builds, without a word of warning, knows every field of it, and keeps
 * every field as it was written: one that it rewrote would be applied again at every look. In a namespace that enforces the restricted Pod
 * Security Standard it admits every pod that comes of them, those of Deployments and Jobs, too.
 */
let server: ApiServerWithCrds;
beforeAll(async () => {
  server = await startApiServerWithCrds();
  const labels = Object.fromEntries(
    ['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
  );
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'post', labels } };
  expect(await server.ask('/api/v1/namespaces', { method: 'POST', body })).toMatchObject({ status: 201 });
});
afterAll(() => server?.[Symbol.asyncDispose]());

test.each(builtObjects.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
  '%s',
  async (_, object) => {
    const { apiVersion, kind } = object;
    const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
    const path = `${base}/namespaces/post/${plural}?fieldValidation=Strict`;
    const answer = await server.ask(path, { method: 'POST', body: object });
    expect(answer).toMatchObject({ status: 201, body: object, warnings: [] });
  },
);

const pods = builtObjects.flatMap((object) => podOf(object) ?? []);
const PODS = '/api/v1/namespaces/post/pods?fieldValidation=Strict&dryRun=All';

test.each(pods.map((pod) => [pod.metadata.name, pod] as const))('a pod of %s is admitted', async (_, pod) => {
  const body = { ...pod, metadata: { ...pod.metadata, name: `${pod.metadata.name}-x` } };
  expect(await server.ask(PODS, { method: 'POST', body })).toMatchObject({ status: 201, warnings: [] });
});

test('there is one of imapd, of a member and of each job; without what secures it none is admitted', async () => {
  expect(pods).toHaveLength(4);
  for (const { spec, ...pod } of pods) {
    const body = { ...pod, metadata: { ...pod.metadata, name: 'x' }, spec: { ...Object(spec), securityContext: {} } };
    const answer = await server.ask(PODS, { method: 'POST', body });
    expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining('PodSecurity') } });
  }
});
