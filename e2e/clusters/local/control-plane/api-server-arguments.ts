import type { ControlPlaneFiles } from './control-plane-files.ts';

export type ApiServerInputs = {
  readonly files: ControlPlaneFiles;
  readonly address: string;
  readonly port: number;
  readonly etcdPort: number;
  /** From which ClusterIPs are taken, such as "10.96.0.0/16". */
  readonly serviceRange: string;
  /** Whether there are nodes, and controllers that make service accounts. Without them a pod could not even be created. */
  readonly nodes: boolean;
};

/** Larger than the log of any run: it is never rotated away under its reader. */
const AUDIT_MEGABYTES = 100_000;

export function apiServerArguments(inputs: ApiServerInputs): readonly string[] {
  const { files, address, port, etcdPort, serviceRange, nodes } = inputs;
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    `--service-cluster-ip-range=${serviceRange}`,
    '--allow-privileged=true',
    `--cert-dir=${files.folder}`,
    `--client-ca-file=${files.authority}`,
    `--tls-cert-file=${files.serving.certificate}`,
    `--tls-private-key-file=${files.serving.key}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.serviceAccounts.publicKey}`,
    `--service-account-signing-key-file=${files.serviceAccounts.privateKey}`,
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    `--audit-log-maxsize=${AUDIT_MEGABYTES}`,
    ...(nodes ? withNodes(files) : WITHOUT_NODES),
  ];
}

function withNodes({ authority, kubeletClient }: ControlPlaneFiles): readonly string[] {
  return [
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--kubelet-certificate-authority=${authority}`,
    `--kubelet-client-certificate=${kubeletClient.certificate}`,
    `--kubelet-client-key=${kubeletClient.key}`,
    // Else logs and exec look the nodes' names up in the machine's DNS.
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

const WITHOUT_NODES = [
  '--authorization-mode=RBAC',
  '--disable-admission-plugins=ServiceAccount',
  // An endpoint of the service "kubernetes" may not be on loopback.
  '--endpoint-reconciler-type=none',
] as const;
