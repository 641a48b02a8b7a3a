import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** What a local cluster keeps below its state folder. */
export type ClusterFolder = ReturnType<typeof clusterFolder>;

const DIGITS = 8;

export function clusterFolder(stateFolder: string) {
  const root = resolve(stateFolder);
  return {
    root,
    /** Every process's log, by its name. */
    logs: join(root, 'logs'),
    /** What the supervisor itself has to say. */
    supervisorLog: join(root, 'logs', 'supervisor.log'),
    /** Where the supervisor is asked for faults and for its end. */
    socket: join(root, 'control.sock'),
    controlPlane: join(root, 'control-plane'),
    etcd: join(root, 'etcd'),
    images: join(root, 'images'),
    /** The first process of everything, see init/init.c. */
    init: join(root, 'images', 'init'),
    /** See node/node-folder.ts. */
    nodes: join(root, 'nodes'),
    kubeconfig: join(root, 'kubeconfig'),
    /** Numbers of the processes that hold the namespaces, as seen from outside. */
    holder: join(root, 'holder.json'),
    /** Of control groups: they have names for the whole machine, and two clusters may run side by side. */
    controlGroupPrefix: `imapcluster-${createHash('sha256').update(root).digest('hex').slice(0, DIGITS)}-`,
  };
}

/** Folders that a node covers with its own: a state folder below one of them would vanish in the node. */
const COVERED = ['/var/lib', '/var/log', '/run', '/var/run', '/proc', '/sys', '/dev'] as const;
/** Of a Unix socket's path, Linux takes 107 bytes. */
const LONGEST = 80;

/** Why a cluster cannot have this state folder; null where it can. */
export function unfitStateFolder(stateFolder: string): string | null {
  const root = resolve(stateFolder);
  const covered = COVERED.find((folder) => root === folder || root.startsWith(`${folder}/`));
  if (covered !== undefined)
    return `${root} is below ${covered}, which the nodes cover with their own: choose another --state`;
  if (Buffer.byteLength(root) > LONGEST)
    return `${root} is too long for the sockets in it: choose a --state of at most ${LONGEST} bytes`;
  return null;
}
