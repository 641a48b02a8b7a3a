import { join } from 'node:path';

/** What a node keeps on the disk, below the cluster's state folder. */
export type NodeFolder = ReturnType<typeof nodeFolder>;

/** Inside the node: /run is its own, so these may be where they are on any machine. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';
export const CONTAINERD_STATE = '/run/containerd';
export const RUNC_STATE = '/run/runc';

export function nodeFolder(stateFolder: string, name: string) {
  const root = join(stateFolder, 'nodes', name);
  return {
    root,
    containerd: join(root, 'containerd'),
    containerdConfiguration: join(root, 'containerd.toml'),
    plugins: join(root, 'containerd-opt'),
    networks: join(root, 'cni'),
    addresses: join(root, 'cni-addresses'),
    kubelet: join(root, 'kubelet'),
    kubeletConfiguration: join(root, 'kubelet.yaml'),
    kubeletPki: join(root, 'kubelet-pki'),
    podLogs: join(root, 'pod-logs'),
    proxyConfiguration: join(root, 'kube-proxy.yaml'),
    resolvConf: join(root, 'resolv.conf'),
    kubeconfig: join(root, 'kubelet.kubeconfig'),
    servingCertificate: join(root, 'serving.crt'),
    servingKey: join(root, 'serving.key'),
    /** Of volumes: local persistent volumes that pods of this node use. */
    volumes: join(root, 'volumes'),
    /** What the node's programs write into /var: see node-setup.ts. */
    covers: join(root, 'covers'),
    sysctls: join(root, 'sysctls'),
  };
}
