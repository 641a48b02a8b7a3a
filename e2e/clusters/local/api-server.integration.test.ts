import { access, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startApiServer } from './api-server.ts';
import { apiStatus } from './control-plane/api-request.ts';
import { readAuditLog } from './control-plane/audit-log.ts';

type Kubeconfig = {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
};

/** Asks as the user of a kubeconfig. */
async function statusAs(file: string, path: string): Promise<number> {
  const { clusters, users } = parse(await readFile(file, 'utf8')) as Kubeconfig;
  const decode = (text: string): string => Buffer.from(text, 'base64').toString();
  const access = {
    endpoint: clusters[0].cluster.server,
    authority: decode(clusters[0].cluster['certificate-authority-data']),
    user: {
      certificate: decode(users[0].user['client-certificate-data']),
      key: decode(users[0].user['client-key-data']),
    },
  };
  return await apiStatus(access, path);
}

test('answers its administrator, refuses others what RBAC does not grant, and writes both down', async () => {
  await using server = await startApiServer();
  const guest = await server.kubeconfigFor({ name: 'guest', groups: ['visitors'] });
  expect(await statusAs(server.kubeconfig, '/api/v1/namespaces/default/pods')).toBe(200);
  expect(await statusAs(guest, '/api/v1/namespaces/default/pods')).toBe(403);
  const asked = (await readAuditLog(server.auditLog)).filter(({ objectRef }) => objectRef?.resource === 'pods');
  expect(asked.map(({ user, verb, responseStatus }) => [user.username, verb, responseStatus?.code])).toEqual([
    ['admin', 'list', 200],
    ['guest', 'list', 403],
  ]);
});

test('an outage ends with everything still stored, and stopping leaves nothing', async () => {
  const server = await startApiServer();
  await server.interrupt();
  await expect(statusAs(server.kubeconfig, '/api/v1/namespaces/default')).rejects.toThrow('ECONNREFUSED');
  await server.resume();
  expect(await statusAs(server.kubeconfig, '/api/v1/namespaces/default')).toBe(200);
  await server.stop();
  await expect(access(server.kubeconfig)).rejects.toThrow('ENOENT');
});
