import type { Cluster, ProviderName } from './cluster.ts';
import type { ClusterAddress } from './connect-cluster.ts';
import { kubeconfigCluster } from './foreign/kubeconfig-cluster.ts';
import { createKindCluster } from './kind/kind-cluster.ts';
import { clusterFolder } from './local/cluster-folder.ts';
import { serveSupervisor } from './local/control/supervisor-server.ts';
import { LocalCluster } from './local/local-cluster.ts';
import { LOCAL_PROGRAMS } from './local/local-programs.ts';
import { runInNamespaces } from './local/namespaces.ts';
import { ensurePrograms } from './programs/ensure-programs.ts';
import { requirePrerequisites } from './programs/prerequisites.ts';

export type WithClusterOptions = {
  readonly provider: ProviderName;
  readonly nodes: number;
  /** Of the local provider: removed at the end; of kind: kept with its kubeconfig. */
  readonly stateFolder: string;
  /** Of the provider of that name. */
  readonly kubeconfig: string | null;
  log(text: string): void;
  readonly signal: AbortSignal;
};

/** What runs on a cluster; returns an exit code. */
export type OnCluster = (cluster: Cluster, address: ClusterAddress) => Promise<number>;

/** Set for the process that is inside the namespaces already. */
const INSIDE_VARIABLE = 'IMAPCLUSTER_E2E_INSIDE';

/** Whether this is the second execution of the program, for which the provider has been chosen already. */
export function isInside(): boolean {
  return process.env[INSIDE_VARIABLE] !== undefined;
}

/**
 * Brings a cluster up, runs something on it, and takes it down. For the local provider the calling program is executed once
 * more inside namespaces, with the same arguments: there `run` happens, and out here only its exit code is seen.
 */
export async function withCluster(options: WithClusterOptions, run: OnCluster): Promise<number> {
  const { provider, kubeconfig, stateFolder } = options;
  switch (provider) {
    case 'local':
      return isInside() ? await inside(options, run) : await enter(options);
    case 'kind': {
      const cluster = await createKindCluster(stateFolder);
      return await run(cluster, { provider, kubeconfig: cluster.kubeconfig });
    }
    case 'kubeconfig': {
      if (kubeconfig === null) throw new Error('the provider kubeconfig needs a kubeconfig');
      return await run(await kubeconfigCluster(kubeconfig), { provider, kubeconfig });
    }
  }
}

async function enter({ stateFolder, signal }: WithClusterOptions): Promise<number> {
  await requirePrerequisites(['local']);
  // Inside there is no network to build them.
  await ensurePrograms(LOCAL_PROGRAMS, { signal });
  return await runInNamespaces({
    stateFolder,
    command: [process.execPath, ...process.argv.slice(1)],
    environment: { [INSIDE_VARIABLE]: '1' },
    signal,
  });
}

async function inside({ stateFolder, nodes, log }: WithClusterOptions, run: OnCluster): Promise<number> {
  const programs = await ensurePrograms(LOCAL_PROGRAMS);
  const { socket } = clusterFolder(stateFolder);
  const server = await serveSupervisor(socket);
  const cluster = await LocalCluster.start({ stateFolder, nodes, programs, log });
  server.ready(cluster);
  return await run(cluster, { provider: 'local', socket });
}
