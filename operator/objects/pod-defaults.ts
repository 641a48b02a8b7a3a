import type { V1NetworkPolicyPeer, V1PodSpec } from '@kubernetes/client-node';

/** What an installation of the operator decides for all pods that it makes, whatever cluster they belong to. */
export type PodDefaults = {
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets in the cluster's namespace. */
  readonly pullSecrets: readonly string[];
  /** Every address of a pod: `0.0.0.0`, and `::` where pods have IPv6 only. */
  readonly anyAddress: '0.0.0.0' | '::';
  readonly logLevel: string;
  /** Whom the network policies let in besides clients: the operator itself, and what collects metrics. */
  readonly operatorPeers: readonly V1NetworkPolicyPeer[];
  readonly scraperPeers: readonly V1NetworkPolicyPeer[];
};

/** The part of every pod that follows from the defaults. */
export function commonPodSpec({
  pullSecrets,
}: PodDefaults): Pick<V1PodSpec, 'enableServiceLinks' | 'imagePullSecrets'> {
  return {
    // Variables for every Service of the namespace: nobody reads them, and there may be thousands.
    enableServiceLinks: false,
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.toSorted().map((name) => ({ name })) }),
  };
}
