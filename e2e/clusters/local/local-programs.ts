import type { ProgramName } from '../programs/program-table.ts';

/** What a local cluster runs, and what people and tests use in it. */
export const LOCAL_PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'kube-proxy',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'runc',
  'bridge',
  'loopback',
  'host-local',
  'portmap',
  'coredns',
  'helm',
] as const satisfies readonly ProgramName[];
