/** Addresses of a local cluster. They are private to its network namespace: any number of clusters may use the same. */
export const layout = {
  bridge: 'imapcluster0',
  /** The control plane, the tests and the shell are here, beside the nodes as another machine would be. */
  controlPlane: '10.77.0.1',
  nodePrefix: 24,
  apiPort: 6443,
  etcdPort: 2379,
  etcdPeerPort: 2380,
  services: '10.96.0.0/16',
  /** The first of `services`: the API server itself. */
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',
  pods: '10.244.0.0/16',
  domain: 'cluster.local',
} as const;

export type NodePlan = {
  /** "node1", the first. */
  readonly name: string;
  /** 1 for the first. */
  readonly index: number;
  readonly address: string;
  readonly pods: string;
  /** The other end of the node's eth0. */
  readonly port: string;
  /** For topology spread constraints. */
  readonly zone: string;
};

/** The third byte of a pod range and the last of an address hold a node's number. */
export const MOST_NODES = 100;
const FIRST_ADDRESS = 10;

/** @throws RangeError */
export function planNodes(count: number): readonly NodePlan[] {
  if (!Number.isInteger(count) || count < 1 || count > MOST_NODES)
    throw new RangeError(`a local cluster has 1 to ${MOST_NODES} nodes, not ${count}`);
  return Array.from({ length: count }, (_, zeroBased) => {
    const index = zeroBased + 1;
    return {
      name: `node${index}`,
      index,
      address: `10.77.0.${FIRST_ADDRESS + index}`,
      pods: `10.244.${index}.0/24`,
      port: `node${index}`,
      zone: `zone${index}`,
    };
  });
}
