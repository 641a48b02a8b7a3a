import type { ImapCluster } from '#crds/imap-cluster.ts';
import { type Labels, selectorLabels, standardLabels } from '../objects/labels.ts';

type Named = Pick<ImapCluster, 'metadata'>;

/** Selects the imapd pods of a cluster. */
export const imapdSelector = ({ metadata }: Named): Labels =>
  selectorLabels({ cluster: metadata.name, component: 'imapd' });

/** On every object of a cluster, imapd's pods among them. */
export const imapdLabels = ({ metadata }: Named): Labels =>
  standardLabels({ cluster: metadata.name, component: 'imapd' });

/** `status.selector`: how the scale subresource, and an autoscaler through it, finds the pods. */
export const selectorText = (cluster: Named): string =>
  Object.entries(imapdSelector(cluster))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(',');
