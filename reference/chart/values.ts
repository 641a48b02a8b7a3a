import { Type } from 'typebox';
import { asKubernetes, flag, group, listAsKubernetes, text, textMap, unwritten } from './fields.ts';
import { loginTestValues, metricsValues, networkValues } from './metrics-values.ts';
import { behaviourValues, imageValues } from './operator-values.ts';
import { deploymentValues } from './pod-values.ts';

/**
 * Values of the chart: the single source of `values.yaml`, `values.schema.json` and the table in the chart's README. In the
 * order in which people meet them.
 */
export const Values = group(
  {
    global: unwritten(asKubernetes('Helm puts it here where this chart is a dependency; not used.')),
    enabled: unwritten(
      Type.Boolean({ description: 'For a `condition` of the chart that depends on this one; not used.' }),
    ),
    nameOverride: text('In place of the name of the chart, in names and labels.', {
      pattern: '^([a-z][-a-z0-9]{0,40})?$',
    }),
    fullnameOverride: text('In place of release and chart, as the name of all objects.', {
      pattern: '^([a-z][-a-z0-9]{0,40})?$',
    }),
    commonLabels: textMap('Labels of every object of the chart.'),
    commonAnnotations: textMap('Annotations of every object of the chart.'),
    crds: group(
      {
        enabled: flag(
          true,
          'Whether they are installed, and brought up to date by upgrades. Off where somebody else does it.',
        ),
        keep: flag(
          true,
          'Whether `helm uninstall` leaves them. Without them Kubernetes deletes every ImapCluster and MailboxPartition.',
        ),
      },
      'CustomResourceDefinitions of ImapCluster and MailboxPartition.',
    ),
    images: imageValues,
    ...behaviourValues,
    ...deploymentValues,
    serviceAccount: group(
      {
        create: flag(true, 'Whether the chart makes it.'),
        name: text('Its name; empty for that of the other objects.'),
        annotations: textMap('Annotations of it.'),
      },
      'Who the operator is to the API server.',
    ),
    rbac: group(
      {
        create: flag(true, 'Whether the chart grants the rights in docs/reference/permissions.md.'),
        nodes: flag(
          true,
          'Whether it may see nodes, which takes a ClusterRole. Without, a lost or drained node is no evidence: failovers wait for silence.',
        ),
        aggregate: flag(true, 'Whether whoever may view, edit or administer a namespace may do so with our two kinds.'),
        clients: listAsKubernetes(
          'Who may reach the operator by imapctl without further rights in its namespace: subjects of a RoleBinding, such as `{kind: Group, name: postmasters, apiGroup: rbac.authorization.k8s.io}`.',
        ),
      },
      'Rights.',
    ),
    ...networkValues,
    metrics: metricsValues,
    loginTest: loginTestValues,
    extraObjects: listAsKubernetes('Further objects of the release, written as templates.'),
  },
  'Values of the chart imapcluster.',
);
