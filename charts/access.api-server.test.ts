import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, apiClient } from '#crds/test-support/api-client.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { imapdAccess } from '#operator/cluster/access.ts';
import { testCluster } from '#operator/cluster/test-support/imapd-input.ts';
import { accessRules } from '#operator/kubernetes/access-rules.ts';
import { applyTo } from './test-support/apply-to.ts';
import { FULL_NAME, Helm, RELEASE, type RenderedObject } from './test-support/helm.ts';

/**
 * Promise: with the roles of the chart an API server lets the operator do all that the table of rights says, where it says
 * it, and nothing of what is tried beside it.
 */
const CLUSTER_NAMESPACE = 'post';
let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
afterAll(() => helm?.[Symbol.asyncDispose]());

type Right = { readonly group: string; readonly resource: string; readonly verb: string; readonly namespace: string };
const told = ({ group, resource, verb, namespace }: Right): string =>
  `${verb} ${group}/${resource} in ${namespace || 'all'}`;

const rights = (namespaceOf: Readonly<Record<'watched' | 'own' | 'cluster', string>>): readonly Right[] =>
  accessRules.flatMap(({ scope, group, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb, namespace: namespaceOf[scope] }))),
  );

const forbiddenAnywhere: readonly Right[] = [
  { group: '', resource: 'pods/exec', verb: 'create', namespace: CLUSTER_NAMESPACE },
  { group: '', resource: 'nodes', verb: 'patch', namespace: '' },
  { group: '', resource: 'namespaces', verb: 'delete', namespace: '' },
  { group: '', resource: 'secrets', verb: 'delete', namespace: CLUSTER_NAMESPACE },
  { group: 'imapcluster.io', resource: 'imapclusters', verb: 'delete', namespace: CLUSTER_NAMESPACE },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', verb: 'create', namespace: '' },
  { group: 'rbac.authorization.k8s.io', resource: 'roles', verb: 'escalate', namespace: CLUSTER_NAMESPACE },
  { group: 'coordination.k8s.io', resource: 'leases', verb: 'update', namespace: 'kube-system' },
];

describe.each([
  {
    mode: 'for all namespaces',
    values: {},
    scopes: { watched: '', own: RELEASE.namespace, cluster: '' },
    forbidden: [],
  },
  {
    mode: 'for one namespace',
    values: { watchNamespaces: [CLUSTER_NAMESPACE] },
    scopes: { watched: CLUSTER_NAMESPACE, own: RELEASE.namespace, cluster: '' },
    forbidden: [
      { group: '', resource: 'secrets', verb: 'get', namespace: 'other' },
      { group: '', resource: 'secrets', verb: 'list', namespace: '' },
      { group: '', resource: 'secrets', verb: 'get', namespace: RELEASE.namespace },
      { group: 'imapcluster.io', resource: 'imapclusters', verb: 'list', namespace: '' },
    ],
  },
])('$mode', ({ values, scopes, forbidden }) => {
  let server: ApiServer;
  let operator: ApiClient;

  beforeAll(async () => {
    server = await startApiServer();
    const admin = await apiClient(server.kubeconfig);
    for (const name of [RELEASE.namespace, CLUSTER_NAMESPACE]) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await admin('/api/v1/namespaces', { method: 'POST', body });
    }
    const roles = (await helm.objects(values)).filter(({ kind }) => /Role(Binding)?$/.test(kind));
    for (const object of roles) expect(await applyTo(admin, object, true)).toMatchObject({ status: 201 });
    const name = `system:serviceaccount:${RELEASE.namespace}:${FULL_NAME}`;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${RELEASE.namespace}`, 'system:authenticated'];
    operator = await apiClient(await server.kubeconfigFor({ name, groups }));
  });
  afterAll(() => server?.stop());

  async function allowed({ group, resource: path, verb, namespace }: Right): Promise<boolean> {
    const [resource, subresource = ''] = path.split('/');
    const resourceAttributes = { group, resource, subresource, verb, namespace };
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    const answer = await operator('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { method: 'POST', body });
    return (answer.body as { status: { allowed: boolean } }).status.allowed;
  }

  test('it may do all that the table says', async () => {
    const missing: string[] = [];
    for (const right of rights(scopes)) if (!(await allowed(right))) missing.push(told(right));
    expect(missing).toEqual([]);
  });

  test('and not this', async () => {
    const held: string[] = [];
    for (const right of [...forbiddenAnywhere, ...forbidden]) if (await allowed(right)) held.push(told(right));
    expect(held).toEqual([]);
  });

  test('the API server lets it make the Role of imapd: it grants nothing that it does not hold', async () => {
    const { role, binding } = imapdAccess(testCluster());
    for (const object of [role, binding])
      expect(await applyTo(operator, object as unknown as RenderedObject, true)).toMatchObject({ status: 201 });
    const more = { ...role, rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }] };
    expect(await applyTo(operator, more as unknown as RenderedObject)).toMatchObject({ status: 403 });
  });
});
