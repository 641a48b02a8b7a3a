import { Type } from 'typebox';
import { asKubernetes, count, flag, group, listAsKubernetes, text, textMap } from './fields.ts';

const spread = (topologyKey: string) => ({
  ...{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway' },
  matchLabelKeys: ['pod-template-hash'],
});

const numberOrPercent = Type.Unsafe<number | string>({
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^[0-9]+%$' },
  ],
  default: 1,
  description: 'How many may be away at once, a number or a percentage.',
});

/** The Deployment of the operator, as people expect to be able to change it. */
export const deploymentValues = {
  replicaCount: count('Replicas of the operator. One leads; with two, its loss costs seconds.', {
    ...{ default: 2, minimum: 1 },
  }),
  resources: asKubernetes('Of the operator.', {
    requests: { cpu: '100m', memory: '192Mi' },
    limits: { memory: '512Mi' },
  }),
  priorityClassName: text(
    'A failover waits for the operator: `system-cluster-critical` keeps its pods from being preempted.',
  ),
  nodeSelector: textMap('Labels of the nodes on which it may run.'),
  tolerations: listAsKubernetes('Taints that it tolerates.'),
  affinity: asKubernetes('Affinity of its pods.'),
  topologySpreadConstraints: listAsKubernetes(
    'How its pods spread. A constraint without labelSelector gets that of these pods.',
    [spread('kubernetes.io/hostname'), spread('topology.kubernetes.io/zone')],
  ),
  podDisruptionBudget: group(
    { enabled: flag(true, 'Whether there is one.'), maxUnavailable: numberOrPercent },
    'Keeps a drain from taking all replicas at once.',
  ),
  podSecurityContext: asKubernetes('Of the pod. The defaults keep the Pod Security Standard "restricted".', {
    ...{ runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532 },
    seccompProfile: { type: 'RuntimeDefault' },
  }),
  securityContext: asKubernetes('Of the container.', {
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true },
    capabilities: { drop: ['ALL'] },
  }),
  deploymentStrategy: asKubernetes('How a new version replaces the old one.', {
    ...{ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  }),
  revisionHistoryLimit: count('ReplicaSets that are kept for `kubectl rollout undo`.', { default: 3 }),
  terminationGracePeriodSeconds: count('How long a leader may take to hand over.', { default: 30, minimum: 1 }),
  deploymentLabels: textMap('Further labels of the Deployment.'),
  deploymentAnnotations: textMap('Further annotations of the Deployment.'),
  podLabels: textMap('Further labels of the pods.'),
  podAnnotations: textMap('Further annotations of the pods.'),
  extraArgs: Type.Array(Type.String(), { default: [], description: 'Further arguments of the operator.' }),
  extraEnv: listAsKubernetes(
    'Further environment variables, such as NODE_EXTRA_CA_CERTS. A NODE_OPTIONS or MALLOC_ARENA_MAX takes the place of that of the chart.',
  ),
  extraEnvFrom: listAsKubernetes('ConfigMaps and Secrets whose keys become environment variables.'),
  extraVolumes: listAsKubernetes('Further volumes of the pod.'),
  extraVolumeMounts: listAsKubernetes('Where the container finds them.'),
  extraInitContainers: listAsKubernetes('Containers that run before the operator.'),
  extraContainers: listAsKubernetes('Containers beside it.'),
  dnsPolicy: text('DNS policy of the pods; empty for that of Kubernetes.'),
  dnsConfig: asKubernetes('DNS settings of the pods.'),
} as const;
