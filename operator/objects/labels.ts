import { GROUP } from '#crds/group.ts';
import { type Component, LABEL, type LabelledBy, type Labels, selectorLabels } from '#crds/names/labels.ts';
import { objectName } from '#crds/names/object-name.ts';

export { type Component, LABEL, type LabelledBy, type Labels, selectorLabels };

/** On a pod: hash of what it was made from. Another one means another pod. */
export const ANNOTATION = {
  configurationHash: `${GROUP}/configuration-hash`,
  podHash: `${GROUP}/pod-hash`,
} as const;

const NAME: Readonly<Record<Component, string>> = {
  imapd: 'imapd',
  database: 'imapcluster-database',
  job: 'imapcluster-job',
};

/** On every object that the operator makes. */
export function standardLabels(by: LabelledBy): Labels {
  return {
    ...selectorLabels(by),
    'app.kubernetes.io/name': NAME[by.component],
    'app.kubernetes.io/instance': objectName(by.partition ?? by.cluster),
    'app.kubernetes.io/part-of': 'imapcluster',
    'app.kubernetes.io/managed-by': 'imapcluster-operator',
  };
}
