import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { opener } from './opener.ts';

const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: here
clusters: [{name: here, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: me, user: {}}]
contexts: [{name: here, context: {cluster: here, user: me}}]
`;

test('the kubeconfig is read once, however often it is asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'opener-'));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  const file = join(folder, 'kubeconfig');
  vi.stubEnv('KUBECONFIG', file);
  onTestFinished(() => void vi.unstubAllEnvs());
  await writeFile(file, KUBECONFIG);
  const first = opener();
  await writeFile(file, 'no: kubeconfig: at: all');
  expect(opener()).toBe(first);
});
