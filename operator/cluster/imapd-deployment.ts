import type { V1Deployment, V1DeploymentSpec, V1PodSpec, V1TopologySpreadConstraint } from '@kubernetes/client-node';
import type { Wire } from '../kubernetes/api/resource.ts';
import type { Built } from '../objects/built.ts';
import { hashOf } from '../objects/hash-of.ts';
import { ANNOTATION, type Labels } from '../objects/labels.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { commonPodSpec } from '../objects/pod-defaults.ts';
import { NODE_KEY, ZONE_KEY } from '../objects/prefer-apart.ts';
import { type RunAs, restrictedPod } from '../objects/restricted-security.ts';
import { clusterNames } from './cluster-names.ts';
import { drainTimes } from './drain-times.ts';
import { imapdConfiguration } from './imapd-configuration.ts';
import { imapdContainer } from './imapd-container.ts';
import type { ImapdInput } from './imapd-input.ts';
import { imapdLabels, imapdSelector } from './imapd-labels.ts';
import { imapdVolumes } from './imapd-volumes.ts';

/** "nonroot" of distroless images; imapd owns no file, so any number would do. */
const NON_ROOT: RunAs = { uid: 65_532, gid: 65_532 };

/** A new pod serves for so long before an old one goes: one that dies in its first seconds stops the update. Seconds. */
const SETTLED_AFTER = 5;
const KEPT_REVISIONS = 3;

/**
 * The imapd pods. The template holds nothing of the routing document: a retarget never restarts a pod, and neither does a
 * new partition, a renewed certificate or a rotated password of a database. What does is a change of the image or of the
 * configuration, whose hash is an annotation.
 */
export function imapdDeployment(input: ImapdInput): Built<V1Deployment> {
  const { cluster } = input;
  const labels = imapdLabels(cluster);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).imapd, labels }),
    spec: {
      ...rollout(input),
      selector: { matchLabels: { ...imapdSelector(cluster) } },
      template: {
        metadata: {
          labels: { ...labels },
          annotations: { [ANNOTATION.configurationHash]: hashOf(imapdConfiguration(input)) },
        },
        spec: podSpec(input),
      },
    },
  };
}

/** Never fewer pods than asked for, and one at a time: each that goes sends its clients to the others. */
const rollout = ({ cluster }: ImapdInput): Omit<V1DeploymentSpec, 'selector' | 'template'> => ({
  replicas: cluster.spec.replicas,
  minReadySeconds: SETTLED_AFTER,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  revisionHistoryLimit: KEPT_REVISIONS,
});

function podSpec(input: ImapdInput): Wire<V1PodSpec> {
  const { cluster, pods } = input;
  return {
    serviceAccountName: clusterNames(cluster).imapd,
    automountServiceAccountToken: true,
    ...commonPodSpec(pods),
    securityContext: restrictedPod(NON_ROOT),
    terminationGracePeriodSeconds: drainTimes(cluster).terminationGrace,
    topologySpreadConstraints: [NODE_KEY, ZONE_KEY].map((key) => spread(key, imapdSelector(cluster))),
    containers: [imapdContainer(input)],
    volumes: imapdVolumes(cluster),
  };
}

/** Even over nodes and zones, as far as there are any: a pod in the wrong place is better than none. */
const spread = (topologyKey: string, selector: Labels): V1TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { ...selector } },
  // Pods of the old template are about to leave: they do not count.
  matchLabelKeys: ['pod-template-hash'],
});
