import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, apiClient } from '#crds/test-support/api-client.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import { judgeRights } from '#e2e/rights/judge-rights.ts';
import { rightsOfRules } from '#e2e/rights/rights-of-rules.ts';
import { usernameOf } from '#e2e/rights/service-account.ts';
import { configMapDocument } from '#imapd/routing/fallback/config-map-document.ts';
import { imapdAccess } from '#operator/cluster/access.ts';
import { ROUTING_FILE } from '#operator/cluster/imapd-paths.ts';
import { routingConfigMap } from '#operator/cluster/routing-config-map.ts';
import { testCluster } from '#operator/cluster/test-support/imapd-input.ts';
import { accessRules } from '#operator/kubernetes/access-rules.ts';
import { applyTo } from './test-support/apply-to.ts';
import { FULL_NAME, Helm, RELEASE, type RenderedObject } from './test-support/helm.ts';

/**
 * Promise: with the roles of the chart an API server lets the operator do all that the table of rights says, where it says
 * it, and nothing of what is tried beside it; and imapd, with the Role that the operator makes and the token of its account, to read its
 * routing document and no other.
 */
const CLUSTER_NAMESPACE = 'post';
let helm: Helm;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-access-'));
  helm = await Helm.open();
});
afterAll(async () => {
  await helm?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Right = {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace: string;
  readonly name?: string;
};
const told = ({ group, resource, verb, namespace, name = '' }: Right): string =>
  `${verb} ${group}/${resource} ${name} in ${namespace || 'all'}`;

const rights = (namespaceOf: Readonly<Record<'watched' | 'own' | 'cluster', string>>): readonly Right[] =>
  accessRules.flatMap(({ scope, group, resources, verbs, named }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => ({
        ...{ group, resource, verb, namespace: namespaceOf[scope] },
        ...(named === true ? { name: FULL_NAME } : {}),
      })),
    ),
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
  { group: 'coordination.k8s.io', resource: 'leases', verb: 'get', namespace: RELEASE.namespace, name: 'other' },
  { group: 'coordination.k8s.io', resource: 'leases', verb: 'update', namespace: RELEASE.namespace, name: 'other' },
  { group: 'coordination.k8s.io', resource: 'leases', verb: 'list', namespace: RELEASE.namespace },
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
  let admin: ApiClient;
  let operator: ApiClient;

  beforeAll(async () => {
    server = await startApiServer();
    admin = await apiClient(server.kubeconfig);
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

  async function allowed({ group, resource: path, verb, namespace, name }: Right): Promise<boolean> {
    const [resource, subresource = ''] = path.split('/');
    const resourceAttributes = { group, resource, subresource, verb, namespace, name };
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

  test('with that Role imapd reads its routing document and nothing else, by the audit log', async () => {
    const { account, role } = imapdAccess(testCluster());
    for (const object of [account, routingConfigMap(testCluster(), 'signed')])
      expect(await applyTo(admin, object as unknown as RenderedObject, true)).toMatchObject({ status: 201 });
    const signal = AbortSignal.timeout(10_000);
    expect(await (await documentOf('mail-routing')).read(signal)).toBe('signed');
    const rights = rightsOfRules(role.rules ?? []);
    const { namespace, name } = account.metadata;
    const own = async () =>
      (await readAuditLog(server.auditLog)).filter(({ user }) => user.username === usernameOf({ namespace, name }));
    expect(judgeRights(await own(), rights)).toEqual({ allowed: 1, refused: [], stray: [], unused: [] });
    await expect((await documentOf('other-routing')).read(signal)).rejects.toThrow('status 403');
    expect(judgeRights(await own(), rights)).toMatchObject({ allowed: 1, refused: ['get configmaps other-routing'] });
  });

  /** As imapd looks for a document, with a token as a kubelet gets it. */
  async function documentOf(name: string): Promise<ReturnType<typeof configMapDocument>> {
    const path = `/api/v1/namespaces/${CLUSTER_NAMESPACE}/serviceaccounts/mail-imapd/token`;
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = (await admin(path, { method: 'POST', body })).body as { status: { token: string } };
    const tokenFile = join(folder, 'token');
    const caFile = join(folder, 'ca.crt');
    const config = new KubeConfig();
    config.loadFromFile(server.kubeconfig);
    await writeFile(tokenFile, status.token);
    await writeFile(caFile, Buffer.from(config.getCurrentCluster()?.caData ?? '', 'base64'));
    const place = { namespace: CLUSTER_NAMESPACE, name, key: ROUTING_FILE, tokenFile, caFile };
    return configMapDocument({ apiServer: server.endpoint, ...place });
  }
});
