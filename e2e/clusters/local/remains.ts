import { readdir, readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { commandLine } from '../process/process-tree.ts';
import { clusterFolder } from './cluster-folder.ts';
import { controlGroupsNamed } from './control-groups.ts';
import { SHIELDED_SYSCTLS } from './node/node-setup.ts';

/** What a machine shows of a local cluster, or would show if something of it had been left behind. */
export type Remains = {
  /** Command lines of processes that have to do with the state folder. */
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly controlGroups: readonly string[];
  /** Network interfaces of the machine itself, and kernel settings that a kubelet changes: to be the same before and after. */
  readonly interfaces: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
};

/** Looks from outside the cluster's namespaces, in which its processes are visible all the same. */
export async function lookForRemains(stateFolder: string): Promise<Remains> {
  const { root, controlGroupPrefix } = clusterFolder(stateFolder);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return {
    processes: (await commandLines()).filter((line) => line.includes(root)),
    mounts: mounts.split('\n').filter((line) => line.includes(root)),
    controlGroups: await controlGroupsNamed(controlGroupPrefix),
    interfaces: Object.keys(networkInterfaces()).toSorted(),
    settings: await settings(),
  };
}

async function commandLines(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  return await Promise.all(pids.map((pid) => commandLine(Number(pid))));
}

async function settings(): Promise<Readonly<Record<string, string>>> {
  const read = async (name: string): Promise<[string, string]> => [
    name,
    await readFile(`/proc/sys/${name}`, 'utf8').catch(gone),
  ];
  return Object.fromEntries(await Promise.all(SHIELDED_SYSCTLS.map(read)));
}

/** A setting that this kernel does not have. */
function gone(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
