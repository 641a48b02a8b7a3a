import type { MemberName } from '#contract/names.ts';
import type { PartitionSpec } from '../../partition/partition-spec.ts';
import type { MemberSighting } from '../../ports.ts';
import type { MemberObservation, Observation, PodObservation, Preparation, Request } from './observation.ts';

export type Sources = {
  readonly spec: PartitionSpec;
  readonly sightings: ReadonlyMap<MemberName, MemberSighting>;
  readonly pods: readonly PodObservation[];
  readonly lagSeconds: ReadonlyMap<MemberName, number>;
  /** `Clock.monotonic` of now, and since when the primary has been down, short of replicas. */
  readonly now: number;
  readonly downSince: number | null;
  readonly restartingMs: number | null;
  readonly degradedSince: number | null;
  readonly request: Request | null;
  readonly requestSince: number | null;
  readonly preparation: Preparation | null;
};

/** One consistent look at a partition: everything in it is of the same moment. */
export function observe(sources: Sources): Observation {
  const { spec, sightings, now } = sources;
  const age = (since: number | null): number | null => (since === null ? null : now - since);
  const members = spec.members.map(({ name }): [MemberName, MemberObservation] => {
    const sighting = sightings.get(name);
    return [
      name,
      {
        name,
        connected: sighting?.connected ?? false,
        failure: sighting?.failure ?? null,
        silentMs: age(sighting?.reportedAt ?? null),
        report: sighting?.report ?? null,
        problem: sighting?.problem ?? null,
        platform: sighting?.platform ?? null,
      },
    ];
  });
  return {
    members: new Map(members),
    pods: sources.pods,
    lagSeconds: sources.lagSeconds,
    primaryDownMs: age(sources.downSince),
    restartingMs: sources.restartingMs,
    degradedMs: age(sources.degradedSince),
    request: sources.request,
    requestMs: age(sources.requestSince),
    preparation: sources.preparation,
  };
}
