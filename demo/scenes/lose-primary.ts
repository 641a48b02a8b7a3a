import { ofKind } from '../checker/group.ts';
import type { AppendEvent } from '../checker/history.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';
import { failoverDone } from './failover-done.ts';

/** How long is waited; a machine that has much else to do takes its time. */
const FAILOVER_LIMIT_MS = 120_000;

/** Figures of one failover, ms after the kill. */
export type FailoverFigures = {
  /** On the run's clock. */
  readonly killedAt: number;
  readonly firstWriteMs: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
};

/** `kill`: the server dies at once. `hang`: it stops answering, and is let go only when a new one serves. */
export type Loss = 'kill' | 'hang';

/**
 * Takes the primary of a partition away while its users write, waits until the first write that a client sent to the new one is
 * acknowledged, and tells the timeline. The first write is read from the clients' history: the first OK that ended after
 * the kill and carries a UID from behind the jump.
 */
export async function losePrimary(run: Run, partition: string, how: Loss): Promise<FailoverFigures> {
  const before = await run.cluster.status(partition);
  const from = before.primary;
  if (from === null) throw new Error(`${partition} has no primary to lose`);
  const highestUid = maxUid(run, partition);
  const killedAt = run.recorder.now();
  const letGo = await strike(run, { partition, member: from, how });
  run.recorder.add({ kind: 'fault', at: killedAt, until: run.recorder.now(), partition, what: `${how} of ${from}` });
  const patience = {
    withinMs: FAILOVER_LIMIT_MS,
    signal: run.signal,
    why: async () => (await run.cluster.status(partition)).trouble,
  };
  const firstWrite = await waitFor(async () => firstAfter(run, { partition, killedAt, highestUid }), {
    ...patience,
    what: `first write to ${partition} after the loss`,
    everyMs: 5,
  });
  const after = await waitFor(() => failoverDone(run, partition, before.epoch), {
    ...patience,
    what: `${partition} has a new primary`,
  });
  letGo();
  const figures = {
    killedAt,
    firstWriteMs: firstWrite.ended - killedAt,
    phases: after.lastFailover?.phases ?? {},
    from,
    to: after.primary ?? '?',
    epoch: after.epoch,
  };
  tell(run, `${WHAT[how]} of the primary of ${partition}, ${from}`, figures);
  return figures;
}

const WHAT = { kill: 'kill -9', hang: 'hang' } as const;

async function strike(run: Run, at: { partition: string; member: string; how: Loss }): Promise<() => void> {
  if (at.how === 'hang') return run.cluster.freezeServer(at.partition, at.member);
  await run.cluster.killServer(at.partition, at.member);
  return () => undefined;
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

function tell(run: Run, fault: string, figures: FailoverFigures): void {
  let at = 0;
  const phases = Object.entries(figures.phases).map(([what, took]) => {
    at += took;
    return { at, what: `${what} (${Math.round(took)} ms)` };
  });
  run.narrator.timeline([
    { at: 0, what: fault, mark: 'fault' },
    ...phases,
    {
      at: figures.firstWriteMs,
      what: `first write acknowledged by ${figures.to}, epoch ${figures.epoch}`,
      mark: 'good',
    },
  ]);
}
