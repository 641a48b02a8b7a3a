import { LABEL } from '#crds/names/labels.ts';
import { objectName } from '#crds/names/object-name.ts';
import type { LogSelection } from '../connection/cluster-connection.ts';
import type { PodObject } from './pod-object.ts';

export type OfCluster = Exclude<LogSelection, { readonly kind: 'operator' }>;

/** Of the pods of a cluster those that a person means. */
export function selectPods(pods: readonly PodObject[], selection: OfCluster): readonly PodObject[] {
  return pods.filter(({ metadata: { labels = {} } }) => {
    const component = labels['app.kubernetes.io/component'];
    if (selection.kind === 'imapd') return component === 'imapd';
    if (component !== 'database') return false;
    if (selection.kind === 'member') return labels[LABEL.member] === selection.name;
    return labels[LABEL.partition] === objectName(selection.name);
  });
}
