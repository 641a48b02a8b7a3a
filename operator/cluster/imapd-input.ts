import type { JWK } from 'jose';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { PodDefaults } from '../objects/pod-defaults.ts';
import type { ResourceAmounts } from '../objects/resource-amounts.ts';

/** What the objects of an ImapCluster are made of. */
export type ImapdInput = {
  /** As the API server gave it: with uid and namespace, defaults applied. */
  readonly cluster: ImapCluster;
  readonly image: string;
  readonly resources: ResourceAmounts;
  readonly pods: PodDefaults;
  /** Every key that may sign now: two while one is replaced. */
  readonly publicKeys: readonly JWK[];
  /** Bearer token of the admin port. */
  readonly adminToken: string;
  /** What the salts of SCRAM are computed from. */
  readonly scramSecret: string;
};
