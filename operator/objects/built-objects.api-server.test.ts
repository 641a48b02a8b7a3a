import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { builtObjects } from './test-support/built-objects.ts';

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

test.each(builtObjects.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
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
