/** How much the simulated Kubernetes cluster holds. Partitions and imapd pods are spread evenly over the ImapClusters. */
export type Shape = {
  readonly clusters: number;
  readonly partitions: number;
  /** imapd, of all clusters together. */
  readonly pods: number;
  /** Whether mail comes in: a write a second in each partition. Without it nothing happens at all. */
  readonly mail: boolean;
};

/** A pod, and where it answers. */
export type Place = { readonly name: string; readonly address: string };

export type PartitionPlaces = { readonly name: string; readonly members: readonly Place[] };

/** One ImapCluster, in a namespace of its own. */
export type ClusterPlaces = {
  readonly namespace: string;
  readonly partitions: readonly PartitionPlaces[];
  readonly pods: readonly Place[];
};

/** Everybody who is there. Known to the bench and to the process that plays them, without a word between them. */
export type World = { readonly mail: boolean; readonly clusters: readonly ClusterPlaces[] };

/** The name of each ImapCluster. */
export const CLUSTER = 'mail';
/** Quorum that holds through the loss of one. */
export const MEMBERS = 3;

/** Second octet of the first address: far from what else listens on loopback. */
const FIRST_NETWORK = 64;
const OCTET = 256;

export function worldOf({ clusters, partitions, pods, mail }: Shape): World {
  let taken = 0;
  const place = (name: string): Place => {
    taken += 1;
    const [high, middle, low] = [Math.floor(taken / OCTET ** 2), Math.floor(taken / OCTET) % OCTET, taken % OCTET];
    return { name, address: `127.${FIRST_NETWORK + high}.${middle}.${low}` };
  };
  return {
    mail,
    clusters: numbers(clusters).map((cluster) => ({
      namespace: `bench-${cluster}`,
      partitions: numbers(shareOf(partitions, clusters, cluster)).map((partition) => ({
        name: `users-${partition}`,
        members: numbers(MEMBERS).map((member) => place(`users-${partition}-${member}`)),
      })),
      pods: numbers(shareOf(pods, clusters, cluster)).map((pod) => place(`${CLUSTER}-imapd-${pod}`)),
    })),
  };
}

/** 0, 1, 2 … */
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** 20 among 3 is 7, 7, 6. */
const shareOf = (count: number, among: number, index: number): number =>
  Math.floor(count / among) + (index < count % among ? 1 : 0);
