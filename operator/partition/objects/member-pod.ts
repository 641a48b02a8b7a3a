import type { V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { MemberName } from '#contract/names.ts';
import type { Wire } from '../../kubernetes/api/resource.ts';
import type { Built } from '../../objects/built.ts';
import { hashOf } from '../../objects/hash-of.ts';
import { ANNOTATION, LABEL } from '../../objects/labels.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { commonPodSpec } from '../../objects/pod-defaults.ts';
import { preferApart } from '../../objects/prefer-apart.ts';
import { restrictedPod } from '../../objects/restricted-security.ts';
import { askedOf } from './asked-of.ts';
import { memberConfiguration } from './member-configuration.ts';
import { databaseContainer, installContainer } from './member-containers.ts';
import type { MemberInput } from './member-input.ts';
import { type MemberRole, memberLabels, membersSelector } from './member-labels.ts';
import { memberVolumes } from './member-volumes.ts';
import { partitionNames } from './partition-names.ts';

/** Longer than the agent takes at most to hand over (`HAND_OVER_MS`) and to stop its server in order (`member/main.ts`). Seconds. */
const STOP_WITHIN = 45;

/**
 * The pod of one member. A pod cannot be changed, only replaced: `pod-hash` says what this one was made from, so that the
 * operator sees which are of an older make, and `asked-hash` what people had asked for. The role, which changes with a failover, is a label and no part of the hash.
 */
export function memberPod(input: MemberInput, member: MemberName, role: MemberRole): Built<V1Pod> {
  const { partition } = input;
  const spec = podSpec(input, member);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: ownedMeta({
      owner: partition,
      name: member,
      labels: { ...memberLabels(partition, member), ...(role === null ? {} : { [LABEL.role]: role }) },
      annotations: {
        [ANNOTATION.podHash]: hashOf({ spec, configuration: memberConfiguration(input) }),
        [ANNOTATION.askedHash]: askedOf(input),
        [ANNOTATION.databaseImage]: input.database.image,
      },
    }),
    spec,
  };
}

function podSpec(input: MemberInput, member: MemberName): Wire<V1PodSpec> {
  const { partition, database, pods } = input;
  return {
    ...commonPodSpec(pods),
    // A database has no business with the API server.
    automountServiceAccountToken: false,
    hostname: member,
    subdomain: partitionNames(partition).members,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: STOP_WITHIN,
    securityContext: restrictedPod(database.runAs),
    affinity: { podAntiAffinity: preferApart(membersSelector(partition)) },
    initContainers: [installContainer(input)],
    containers: [databaseContainer(input, member)],
    volumes: memberVolumes(partition, member),
  };
}
