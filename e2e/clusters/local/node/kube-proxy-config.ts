import { stringify } from 'yaml';
import { layout } from '../layout.ts';

/** @param node whose rules these are; the control plane borrows a node's name, for it is none */
export function kubeProxyConfig(node: string, kubeconfig: string): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    clusterCIDR: layout.pods,
    hostnameOverride: node,
    bindAddress: '0.0.0.0',
    // Limits of the whole machine's kernel: not ours to change.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
}
