import { ofKind } from '../checker/group.ts';
import type { AppendEvent } from '../checker/history.ts';
import type { PartitionGlimpse } from '../cluster.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';

const FAILOVER_LIMIT_MS = 20_000;

/** Figures of one failover, ms after the kill. */
export type FailoverFigures = {
  readonly firstWriteMs: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
};

/**
 * Kills the primary of a partition while its users write, waits until the first write that a client sent to the new one is
 * acknowledged, and tells the timeline. The first write is read from the clients' history: the first OK that ended after
 * the kill and carries a UID from behind the jump.
 */
export async function killPrimary(run: Run, partition: string): Promise<FailoverFigures> {
  const before = await run.cluster.status(partition);
  const from = before.primary;
  if (from === null) throw new Error(`${partition} has no primary to kill`);
  const highestUid = maxUid(run, partition);
  const killedAt = run.recorder.now();
  run.recorder.add({ kind: 'fault', at: killedAt, partition, what: `kill -9 of ${from}` });
  await run.cluster.killServer(partition, from);
  const firstWrite = await waitFor(async () => firstAfter(run, { partition, killedAt, highestUid }), {
    what: `first write to ${partition} after the kill`,
    withinMs: FAILOVER_LIMIT_MS,
    everyMs: 5,
    signal: run.signal,
  });
  const after = await waitFor(() => finished(run, partition, before.epoch), {
    what: `${partition} has a new primary`,
    withinMs: FAILOVER_LIMIT_MS,
    signal: run.signal,
  });
  const figures = {
    firstWriteMs: firstWrite.ended - killedAt,
    phases: after.lastFailover?.phases ?? {},
    from,
    to: after.primary ?? '?',
    epoch: after.epoch,
  };
  tell(run, partition, figures);
  return figures;
}

/** Half of the smallest gap that `failover.uidGap` allows: no run hands out so many UIDs otherwise. */
const JUMP = 500_000;

function maxUid(run: Run, partition: string): number {
  return ofKind(run.recorder.events, 'append').reduce(
    (max, a) => (a.partition === partition ? Math.max(max, a.uid ?? 0) : max),
    0,
  );
}

type Kill = { readonly partition: string; readonly killedAt: number; readonly highestUid: number };

function firstAfter(run: Run, kill: Kill): AppendEvent | null {
  const written = ofKind(run.recorder.events, 'append').filter(
    (a) =>
      a.partition === kill.partition &&
      a.outcome === 'ok' &&
      a.ended > kill.killedAt &&
      (a.uid ?? 0) > kill.highestUid + JUMP,
  );
  return written.reduce<AppendEvent | null>((first, a) => (first === null || a.ended < first.ended ? a : first), null);
}

async function finished(run: Run, partition: string, oldEpoch: number): Promise<PartitionGlimpse | null> {
  const now = await run.cluster.status(partition);
  return now.epoch > oldEpoch && now.primary !== null && now.lastFailover?.epoch === now.epoch ? now : null;
}

function tell(run: Run, partition: string, figures: FailoverFigures): void {
  let at = 0;
  const phases = Object.entries(figures.phases).map(([what, took]) => {
    at += took;
    return { at, what: `${what} (${Math.round(took)} ms)` };
  });
  run.narrator.timeline([
    { at: 0, what: `kill -9 of the primary of ${partition}, ${figures.from}`, mark: 'fault' },
    ...phases,
    {
      at: figures.firstWriteMs,
      what: `first write acknowledged by ${figures.to}, epoch ${figures.epoch}`,
      mark: 'good',
    },
  ]);
}
