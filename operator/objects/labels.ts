import { GROUP } from '#crds/group.ts';
import { type Component, LABEL, type LabelledBy, type Labels, selectorLabels } from '#crds/names/labels.ts';
import { objectName } from '#crds/names/object-name.ts';

export { type Component, LABEL, type LabelledBy, type Labels, selectorLabels };

/** On a pod: hashes of what it was made from, and of what people had asked for; and its image, which others may write anew. */
export const ANNOTATION = {
  configurationHash: `${GROUP}/configuration-hash`,
  podHash: `${GROUP}/pod-hash`,
  askedHash: `${GROUP}/asked-hash`,
  databaseImage: `${GROUP}/database-image`,
} as const;

/** On a MailboxPartition: another value, whichever, and its members are replaced one by one. */
export const RESTART_ANNOTATION = `${GROUP}/restart-members`;

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
