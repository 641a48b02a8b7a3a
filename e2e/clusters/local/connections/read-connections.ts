import { readdir, readFile, readlink } from 'node:fs/promises';
import type { TrackedConnection } from '../../tracked-connection.ts';
import { parseConntrack } from './parse-conntrack.ts';

/**
 * What the kernel remembers in every network namespace that the caller's processes are in: those of the nodes and of the
 * control plane, wherever kube-proxy has it track. An ended connection stays for two minutes, a packet's answer for half of
 * one. null where the kernel does not show it.
 *
 * Connections between pods of one node are among them: frames of the pods' bridge go through the node's rules as well
 * (bridge-nf-call-iptables), for kube-proxy needs that.
 */
export async function readConnections(): Promise<readonly TrackedConnection[] | null> {
  // One process may have gone between two looks; this one has not.
  const shown = await readFile('/proc/self/net/nf_conntrack', 'utf8').catch(unlessGone);
  if (shown === null) return null;
  const namespaces = new Map<string, number>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const namespace = await readlink(`/proc/${entry}/ns/net`).catch(unlessGone);
    if (namespace !== null && !namespaces.has(namespace)) namespaces.set(namespace, Number(entry));
  }
  const texts = await Promise.all(
    [...namespaces.values()].map((pid) => readFile(`/proc/${pid}/net/nf_conntrack`, 'utf8').catch(unlessGone)),
  );
  return texts.flatMap((text) => parseConntrack(text ?? ''));
}

/** The process has ended since it was listed, or the kernel has no such file. */
function unlessGone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
  throw error;
}
