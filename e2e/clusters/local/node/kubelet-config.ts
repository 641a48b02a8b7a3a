import { stringify } from 'yaml';
import { NODE_LOST_SECONDS } from '../control-plane/controller-arguments.ts';
import { layout, type NodePlan } from '../layout.ts';
import { CONTAINERD_SOCKET, type NodeFolder } from './node-folder.ts';

export type KubeletInputs = {
  readonly plan: NodePlan;
  readonly folder: NodeFolder;
  /** Path of the cluster's authority. */
  readonly authority: string;
  /** Below which the pods' control groups are: "/imapcluster-1-node1". */
  readonly controlGroup: string;
};

export function kubeletConfig({ plan, folder, authority, controlGroup }: KubeletInputs): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: plan.address,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: authority } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: folder.servingCertificate,
    tlsPrivateKeyFile: folder.servingKey,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: controlGroup,
    // Machines with version 1 of control groups are still about.
    failCgroupV1: false,
    failSwapOn: false,
    clusterDomain: layout.domain,
    clusterDNS: [layout.dnsService],
    // Empty: the machine's own name servers are out of reach and would only slow every lookup down.
    resolvConf: folder.resolvConf,
    // How long a changed Secret takes to reach the files of a pod: a minute by default, which tests would wait for again and again.
    syncFrequency: '10s',
    // Four renewals in the time after which the controllers give the node up (control-plane/controller-arguments.ts).
    nodeLeaseDurationSeconds: NODE_LOST_SECONDS,
    nodeStatusUpdateFrequency: '5s',
    // Its default as long as nothing has changed, which naming the one before would take away.
    nodeStatusReportFrequency: '5m',
    podLogsDir: folder.podLogs,
    volumePluginDir: `${folder.kubelet}/volume-plugins`,
    // All nodes share the machine's disk: its fullness is no reason to evict, and images cannot be fetched again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
  });
}

export function kubeletArguments(plan: NodePlan, folder: NodeFolder): readonly string[] {
  return [
    `--config=${folder.kubeletConfiguration}`,
    `--kubeconfig=${folder.kubeconfig}`,
    `--root-dir=${folder.kubelet}`,
    `--cert-dir=${folder.kubeletPki}`,
    `--hostname-override=${plan.name}`,
    `--node-ip=${plan.address}`,
    `--node-labels=topology.kubernetes.io/region=local,topology.kubernetes.io/zone=${plan.zone}`,
    '--v=2',
  ];
}
