import { rm } from 'node:fs/promises';
import { fastify } from 'fastify';
import type { Cluster } from '../../cluster.ts';
import { faultNames } from '../../cluster.ts';
import type { ClusterDescription, SupervisorStatus } from './supervisor-api.ts';

export type SupervisorServer = {
  /** What is being done on the way up. */
  step(text: string): void;
  ready(cluster: Cluster): void;
};

/** Answers on a Unix socket in the state folder: tests ask for faults, commands for the state. */
export async function serveSupervisor(socket: string): Promise<SupervisorServer> {
  let status: SupervisorStatus = { phase: 'starting', step: '' };
  let current: Cluster | null = null;
  const server = fastify();
  server.get('/status', () => status);
  const running = (): Cluster => {
    if (current === null) throw new Error('the cluster is not up yet');
    return current;
  };
  server.post<{ Body: { readonly archive: string } }>('/images', async ({ body }) => {
    await running().loadImage(body.archive);
    return {};
  });
  for (const name of faultNames) {
    server.post<{ Body: readonly unknown[] }>(`/faults/${name}`, async ({ body }) => {
      const fault = running().faults[name] as (...words: readonly unknown[]) => Promise<unknown>;
      return { result: (await fault(...body)) ?? null };
    });
  }
  await rm(socket, { force: true });
  await server.listen({ path: socket });
  return {
    step(text) {
      if (current === null) status = { phase: 'starting', step: text };
    },
    ready(cluster) {
      current = cluster;
      status = { phase: 'ready', cluster: describe(cluster) };
    },
  };
}

function describe({ kubeconfig, nodes, programFolders, auditLog }: Cluster): ClusterDescription {
  return { kubeconfig, nodes, programFolders, auditLog };
}
