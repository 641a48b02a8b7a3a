import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { impossibleFaults } from '../foreign/impossible-faults.ts';
import { listNodes } from '../foreign/list-nodes.ts';
import { runCommand } from '../process/run-command.ts';
import { ensurePrograms } from '../programs/ensure-programs.ts';

/** One for all users of a machine's engine: kind finds it by this name. */
export const KIND_CLUSTER = 'imapcluster';
export const KIND_CONFIGURATION = join(import.meta.dirname, 'config.yaml');
const WHY = 'the provider kind has no faults; use --provider local';
/** Its node image may have to be fetched. */
const CREATE_MS = 900_000;
const LOAD_MS = 300_000;

/** Makes the cluster by the kind command, or takes the one that is there. */
export async function createKindCluster(stateFolder: string): Promise<Cluster> {
  const kubeconfig = join(stateFolder, 'kubeconfig');
  await mkdir(stateFolder, { recursive: true });
  const kind = await kindProgram();
  const there = (await runCommand([kind, 'get', 'clusters'])).split('\n').includes(KIND_CLUSTER);
  if (there) await runCommand([kind, 'export', 'kubeconfig', '--name', KIND_CLUSTER, '--kubeconfig', kubeconfig]);
  else await runCommand(createCommand(kind, kubeconfig), { deadlineMs: CREATE_MS });
  return await connectKindCluster(kubeconfig);
}

export async function connectKindCluster(kubeconfig: string): Promise<Cluster> {
  const kind = await kindProgram();
  return {
    provider: 'kind',
    kubeconfig,
    nodes: await listNodes(kubeconfig),
    programFolders: [],
    auditLog: null,
    connections: () => Promise.resolve(null),
    loadImage: async (archive) => {
      await runCommand([kind, 'load', 'image-archive', archive, '--name', KIND_CLUSTER], { deadlineMs: LOAD_MS });
    },
    faults: impossibleFaults(WHY),
    cannot: () => WHY,
  };
}

export async function deleteKindCluster(): Promise<void> {
  await runCommand([await kindProgram(), 'delete', 'cluster', '--name', KIND_CLUSTER], { deadlineMs: LOAD_MS });
}

/** Pure. */
export function createCommand(kind: string, kubeconfig: string): readonly [string, ...string[]] {
  const where = ['--name', KIND_CLUSTER, '--config', KIND_CONFIGURATION, '--kubeconfig', kubeconfig];
  return [kind, 'create', 'cluster', ...where, '--wait', '5m'];
}

async function kindProgram(): Promise<string> {
  return (await ensurePrograms(['kind'])).path('kind');
}
