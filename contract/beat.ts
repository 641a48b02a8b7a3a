import { type Static, Type } from 'typebox';
import { type AgentReport, nullable } from './agent-report.ts';
import { isSame } from './is-same.ts';

/**
 * A line of a stream in place of a report that would say the same as the last whole one of that stream, but for its number and
 * for figures that always move. Those that are left out are as they were told there.
 */
export const Beat = Type.Object(
  {
    /** The number that the report would have. */
    beat: Type.Integer(),
    /** The number of that last whole report. */
    since: Type.Integer(),
    latencyMs: Type.Optional(nullable(Type.Number())),
    retainedBytes: Type.Optional(nullable(Type.Integer())),
    received: Type.Optional(Type.String()),
    applied: Type.Optional(Type.String()),
    silentMs: Type.Optional(nullable(Type.Number())),
    /** What each of `replication.standbys` has received, in their order. */
    standbys: Type.Optional(Type.Array(nullable(Type.String()))),
  },
  { additionalProperties: false },
);
export type Beat = Static<typeof Beat>;

/** The beat that says `now` to who has `whole`; null where only a report can. */
export function beatOf(whole: AgentReport, now: AgentReport): Beat | null {
  const [before, after] = [figuresOf(whole), figuresOf(now)];
  const moved = Object.entries(after).filter(([name, figure]) => !isSame(figure, before[name as keyof Figures]));
  const beat: Beat = { beat: now.sequence, since: whole.sequence, ...Object.fromEntries(moved) };
  // Whatever else there is in a report, now or one day: a beat says all of it, or is none.
  return isSame(withBeat(whole, beat), now) ? beat : null;
}

type Figures = Omit<Beat, 'beat' | 'since'>;

function figuresOf({ probe, retainedBytes, replication }: AgentReport): Figures {
  const silentMs = replication?.upstream?.silentMs;
  return {
    latencyMs: probe.latencyMs,
    retainedBytes,
    ...(replication === null ? {} : { received: replication.received, applied: replication.applied }),
    ...(silentMs === undefined ? {} : { silentMs }),
    ...(replication === null ? {} : { standbys: replication.standbys.map(({ received }) => received) }),
  };
}

/** The report that a beat stands for. It shares with `whole` what has not moved. */
export function withBeat(whole: AgentReport, beat: Beat): AgentReport {
  const { probe, replication } = whole;
  return {
    ...whole,
    sequence: beat.beat,
    probe: beat.latencyMs === undefined ? probe : { ...probe, latencyMs: beat.latencyMs },
    replication: replication && movedBy(replication, beat),
    retainedBytes: told(beat.retainedBytes, whole.retainedBytes),
  };
}

type Replication = NonNullable<AgentReport['replication']>;

function movedBy(replication: Replication, beat: Beat): Replication {
  const { upstream, standbys } = replication;
  return {
    ...replication,
    received: told(beat.received, replication.received),
    applied: told(beat.applied, replication.applied),
    upstream: upstream && (beat.silentMs === undefined ? upstream : { ...upstream, silentMs: beat.silentMs }),
    standbys:
      beat.standbys === undefined
        ? standbys
        : standbys.map((standby, index) => ({ ...standby, received: told(beat.standbys?.[index], standby.received) })),
  };
}

const told = <T>(figure: T | undefined, before: T): T => (figure === undefined ? before : figure);
