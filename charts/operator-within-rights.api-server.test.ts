import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ApiClient, apiClient } from '#crds/test-support/api-client.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { type AuditEvent, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import { applyTo } from './test-support/apply-to.ts';
import { CHART, configurationIn, FULL_NAME, Helm, objectsIn, RELEASE } from './test-support/helm.ts';

/**
 * Promise: the operator, as its program starts it with the chart's configuration and no more than the chart's rights, brings
 * the example about and is never refused; on an API server that checks owner references too, as OpenShift does.
 */
const NAMESPACE = 'post';
const WITHIN = { timeout: 60_000, interval: 200 };
const USER = `system:serviceaccount:${RELEASE.namespace}:${FULL_NAME}`;

describe.each([
  { mode: 'for all namespaces', values: {}, refused: [] },
  {
    mode: 'for one namespace, without nodes',
    values: { watchNamespaces: [NAMESPACE], rbac: { nodes: false } },
    refused: ['list nodes'],
  },
])('$mode', ({ values, refused }) => {
  const cleanup = new AsyncDisposableStack();
  let server: ApiServer;
  let admin: ApiClient;

  beforeAll(async () => {
    const helm = cleanup.use(await Helm.open());
    server = cleanup.use(
      await startApiServer({ arguments: ['--enable-admission-plugins=OwnerReferencesPermissionEnforcement'] }),
    );
    admin = await apiClient(server.kubeconfig);
    for (const name of [RELEASE.namespace, NAMESPACE]) {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await admin('/api/v1/namespaces', { method: 'POST', body });
    }
    const rendered = await helm.objects(values);
    for (const object of rendered.filter(({ kind }) => kind !== 'Deployment'))
      expect(await applyTo(admin, object, true)).toMatchObject({ status: 201 });
    await vi.waitFor(applyExample, WITHIN);
    await startOperator({ ...configurationIn(rendered), listen: { host: '127.0.0.1', port: 0 } });
  });
  afterAll(() => cleanup.disposeAsync());

  /** The definitions take a moment to be served. */
  async function applyExample(): Promise<void> {
    for (const object of objectsIn(await readFile(join(CHART, 'examples/mail.yaml'), 'utf8'))) {
      const placed = { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } };
      expect([200, 201]).toContain((await applyTo(admin, placed, true)).status);
    }
  }

  async function startOperator(configuration: object): Promise<void> {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${RELEASE.namespace}`, 'system:authenticated'];
    const kubeconfig = await server.kubeconfigFor({ name: USER, groups });
    const file = join(dirname(kubeconfig), 'operator.json');
    await writeFile(file, JSON.stringify(configuration));
    const program = join(import.meta.dirname, '../operator/main.ts');
    const words = [program, '--config', file, '--set', 'identity=imapcluster-operator-0', '--set', 'logLevel=fatal'];
    const child = spawn(process.execPath, words, {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'close');
    cleanup.defer(async () => {
      child.kill('SIGKILL');
      await ended;
    });
  }

  const exists = async (path: string): Promise<void> => {
    expect(await admin(path), path).toMatchObject({ status: 200 });
  };

  test('it brings about everything that the example asks for', async () => {
    const inside = (group: string, rest: string): string => `/${group}/namespaces/${NAMESPACE}/${rest}`;
    for (const path of [
      inside('apis/apps/v1', 'deployments/mail-imapd'),
      inside('apis/policy/v1', 'poddisruptionbudgets/mail-imapd'),
      inside('apis/networking.k8s.io/v1', 'networkpolicies/mail-imapd'),
      inside('apis/rbac.authorization.k8s.io/v1', 'rolebindings/mail-imapd'),
      inside('api/v1', 'secrets/mail-admin'),
      inside('api/v1', 'persistentvolumeclaims/users-b-2'),
      inside('api/v1', 'pods/users-b-2'),
    ])
      await vi.waitFor(() => exists(path), WITHIN);
    await vi.waitFor(async () => {
      const answer = await admin(inside('apis/imapcluster.io/v1alpha1', 'mailboxpartitions/users-a'));
      expect(answer.body).toMatchObject({ status: { phase: 'Creating' } });
    }, WITHIN);
  });

  test('the pods that it makes go when their partition is deleted, which nobody has used', async () => {
    const path = `/apis/imapcluster.io/v1alpha1/namespaces/${NAMESPACE}/mailboxpartitions/users-b`;
    await admin(path, { method: 'DELETE' });
    await vi.waitFor(async () => expect(await admin(path)).toMatchObject({ status: 404 }), WITHIN);
  });

  test('it was refused nothing else', async () => {
    const log = await readAuditLog(server.auditLog);
    const own = log.filter(({ user }) => user.username === USER);
    expect(own.length).toBeGreaterThan(20);
    const forbidden = own.filter(({ responseStatus }) => responseStatus?.code === 403).map(told);
    expect([...new Set(forbidden)]).toEqual(refused);
  });
});

const told = ({ verb, objectRef = {} }: AuditEvent): string =>
  `${verb} ${[objectRef.resource, objectRef.subresource].filter((part) => part !== undefined).join('/')}`;
