import { GROUP } from '../group.ts';
import { objectName } from './object-name.ts';

/** Labels of our own, beside the recommended ones (`app.kubernetes.io/…`). */
export const LABEL = {
  cluster: `${GROUP}/cluster`,
  partition: `${GROUP}/partition`,
  member: `${GROUP}/member`,
  /** `primary` or `replica`: the only one that changes in the life of a pod. */
  role: `${GROUP}/role`,
} as const;

/** `app.kubernetes.io/name` of the operator's own pods and of its Lease. */
export const OPERATOR_LABELS = { 'app.kubernetes.io/name': 'imapcluster-operator' } as const;

export type Labels = Readonly<Record<string, string>>;

/** Part that an object plays: stateless IMAP server, database server, or a job of the mail schema (migrate, salvage). */
export type Component = 'imapd' | 'database' | 'job';

export type LabelledBy = {
  readonly cluster: string;
  readonly component: Component;
  readonly partition?: string;
};

/**
 * What pods are selected by: never changes, for a Deployment's selector cannot. Values are bounded as names are.
 */
export function selectorLabels({ cluster, component, partition }: LabelledBy): Labels {
  return {
    'app.kubernetes.io/component': component,
    [LABEL.cluster]: objectName(cluster),
    ...(partition === undefined ? {} : { [LABEL.partition]: objectName(partition) }),
  };
}

/** As the API takes a selector in a query. */
export const selectorText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(',');
