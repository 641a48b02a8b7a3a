import type { PodNow } from '#contract/control-api.ts';
import { LABEL } from '#crds/names/labels.ts';
import type { ApiObject } from './api-reader.ts';

type ContainerState = {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly reason?: string; readonly exitCode: number };
};

export type ContainerStatus = {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly state?: ContainerState;
};

/** As much of a Pod as is looked at here. */
export type PodObject = ApiObject & {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
};

const holds = ({ status }: PodObject, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;

/** Takes requests, and is not on its way out. */
export const isReady = (pod: PodObject): boolean => pod.metadata.deletionTimestamp === undefined && holds(pod, 'Ready');

/** Why a pod is not ready, in the words of whoever knows: the container, the scheduler. null: it is. */
export function whyNotReady(pod: PodObject): string | null {
  if (isReady(pod)) return null;
  if (pod.metadata.deletionTimestamp !== undefined) return 'it is being stopped';
  const { phase = 'Pending', message, conditions = [] } = pod.status ?? {};
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return `it finds no node: ${scheduled.message ?? 'no reason is given'}`;
  const troubled = containersOf(pod).flatMap(({ name, state }) => {
    const trouble = troubleOf(state);
    return trouble === null ? [] : [`${name}: ${trouble}`];
  });
  if (troubled[0] !== undefined) return troubled[0];
  return message ?? (phase === 'Running' ? 'its health check does not succeed yet' : phase);
}

/** `PodInitializing` and `ContainerCreating` say no more than that it is starting. */
function troubleOf(state: ContainerState | undefined): string | null {
  const { waiting, terminated } = state ?? {};
  if (waiting !== undefined) return [waiting.reason, waiting.message].filter((part) => part !== undefined).join(': ');
  if (terminated === undefined || terminated.exitCode === 0) return null;
  return `ended with ${terminated.exitCode} (${terminated.reason ?? 'Error'})`;
}

export const containersOf = ({ status }: PodObject): readonly ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** Number of the port that a container names so. */
export function portNamed({ spec }: PodObject, name: string): number | null {
  const ports = spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find((port) => port.name === name)?.containerPort ?? null;
}

/** A pod as `status` shows it. */
export function podNow(pod: PodObject): PodNow {
  const { name, labels = {}, creationTimestamp } = pod.metadata;
  return {
    name,
    component: labels['app.kubernetes.io/component'] ?? null,
    partition: labels[LABEL.partition] ?? null,
    member: labels[LABEL.member] ?? null,
    ready: isReady(pod),
    problem: whyNotReady(pod),
    node: pod.spec?.nodeName ?? null,
    restarts: containersOf(pod).reduce((sum, { restartCount }) => sum + restartCount, 0),
    startedAt: creationTimestamp === undefined ? null : Date.parse(creationTimestamp),
  };
}
