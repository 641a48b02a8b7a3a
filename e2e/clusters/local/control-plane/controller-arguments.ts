import { layout } from '../layout.ts';
import type { ControlPlaneFiles } from './control-plane-files.ts';

/** After which a silent node is given up. 50 by default, which tests of lost nodes would wait for again and again. */
export const NODE_LOST_SECONDS = 20;

export function controllerManagerArguments(files: ControlPlaneFiles, kubeconfig: string): readonly string[] {
  return [
    ...common(kubeconfig),
    '--use-service-account-credentials=true',
    `--root-ca-file=${files.authority}`,
    `--service-account-private-key-file=${files.serviceAccounts.privateKey}`,
    `--cluster-signing-cert-file=${files.authority}`,
    `--cluster-signing-key-file=${files.authorityKey}`,
    `--cluster-cidr=${layout.pods}`,
    `--service-cluster-ip-range=${layout.services}`,
    `--node-monitor-grace-period=${NODE_LOST_SECONDS}s`,
    // The nodes' ranges are in the layout, with routes that are there from the start.
    '--allocate-node-cidrs=false',
  ];
}

export function schedulerArguments(kubeconfig: string): readonly string[] {
  return common(kubeconfig);
}

function common(kubeconfig: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    // There is one of each.
    '--leader-elect=false',
  ];
}
