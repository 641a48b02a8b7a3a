import type { ImapCluster } from '#crds/imap-cluster.ts';
import { resourcesOr } from '../objects/resource-amounts.ts';
import type { ImapdInput } from './imapd-input.ts';

/** What an installation of the operator decides for imapd, where the spec of a cluster leaves it open. */
export type ImapdDefaults = Pick<ImapdInput, 'pods'> & {
  readonly images: { readonly imapd: string };
  readonly imapd: Pick<ImapdInput, 'resources'>;
};

/** Keys and tokens of one cluster, from the Secrets that hold them. */
export type ImapdKeys = Pick<ImapdInput, 'publicKeys' | 'adminToken' | 'scramSecret'>;

export const imapdInputOf = (cluster: ImapCluster, defaults: ImapdDefaults, keys: ImapdKeys): ImapdInput => ({
  cluster,
  image: cluster.spec.image ?? defaults.images.imapd,
  resources: resourcesOr(cluster.spec.resources, defaults.imapd.resources),
  pods: defaults.pods,
  publicKeys: keys.publicKeys,
  adminToken: keys.adminToken,
  scramSecret: keys.scramSecret,
});
