import { objectName } from '#crds/names/object-name.ts';
import { LABEL } from '../../../objects/labels.ts';
import type { ManagedObject } from './managed-object.ts';

type Named = { readonly metadata: { readonly namespace?: string | undefined; readonly name: string } };

/** What an object belongs to by its labels: `namespace/partition/NAME`, `namespace/cluster/NAME`, or nothing of ours. */
export function groupOf({ metadata }: ManagedObject): string | null {
  const { labels = {}, namespace = '' } = metadata;
  const [partition, cluster] = [labels[LABEL.partition], labels[LABEL.cluster]];
  if (partition !== undefined) return `${namespace}/partition/${partition}`;
  return cluster === undefined ? null : `${namespace}/cluster/${cluster}`;
}

/** The same of what belongs to this partition. Labels hold names in the form that fits into one. */
export const partitionGroup = ({ metadata }: Named): string =>
  `${metadata.namespace ?? ''}/partition/${objectName(metadata.name)}`;

export const clusterGroup = ({ metadata }: Named): string =>
  `${metadata.namespace ?? ''}/cluster/${objectName(metadata.name)}`;
