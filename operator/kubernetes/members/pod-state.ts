import { ANNOTATION } from '../../objects/labels.ts';
import { DATABASE_CONTAINER } from '../../partition/objects/member-containers.ts';
import type { MemberPod } from './members-input.ts';

type ContainerStatus = NonNullable<NonNullable<MemberPod['status']>['containerStatuses']>[number];

/** Questions about a pod, each answered by its status alone. */
export const isLeaving = ({ metadata }: MemberPod): boolean => metadata.deletionTimestamp !== undefined;

/** Evicted by its node, or ended with it: nothing starts in it any more. */
export const hasEnded = ({ status }: MemberPod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

export const isReady = ({ status }: MemberPod): boolean =>
  status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;

/** The agent runs: whether its server does is known by the agent. */
export const isRunning = (pod: MemberPod): boolean => databaseOf(pod)?.state?.running !== undefined && !hasEnded(pod);

export const databaseOf = ({ status }: MemberPod): ContainerStatus | undefined =>
  status?.containerStatuses?.find(({ name }) => name === DATABASE_CONTAINER);

/** What it was made from, and what was asked for then: `member-pod.ts`. */
export const podHashOf = ({ metadata }: MemberPod): string | undefined => metadata.annotations?.[ANNOTATION.podHash];
export const askedHashOf = ({ metadata }: MemberPod): string | undefined =>
  metadata.annotations?.[ANNOTATION.askedHash];

/** The image of its database, as it was asked for: a webhook may have put a mirror or a digest in its place. */
export const databaseImageOf = ({ metadata, spec }: MemberPod): string | undefined =>
  metadata.annotations?.[ANNOTATION.databaseImage] ??
  spec?.containers.find(({ name }) => name === DATABASE_CONTAINER)?.image;
