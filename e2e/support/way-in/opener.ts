import { Exec, KubeConfig } from '@kubernetes/client-node';
import type { SocketOpener } from '#cli/kubernetes/forwarded-stream.ts';

let known: SocketOpener | null = null;

/** What opens port-forwards through the API server of this process's kubeconfig, which is read once: there may be hundreds. */
export function opener(): SocketOpener {
  if (known !== null) return known;
  const config = new KubeConfig();
  config.loadFromDefault();
  known = new Exec(config).handler;
  return known;
}
