import { ofKind } from '../checker/group.ts';
import type { Run } from '../run.ts';
import { waitFor } from '../wait-for.ts';

/** How long is waited for writes to go on; a machine that has much else to do takes its time. */
const WRITING_LIMIT_MS = 120_000;
/** So many more acknowledged writes, and the pause is over for everybody. */
const WRITES_AFTER = 20;

/** Figures of one planned change of primary. */
export type SwitchoverFigures = {
  /** From being asked for to being answered. */
  readonly tookMs: number;
  /** The longest time without an acknowledged write; as long as the writers think between two writes at least. */
  readonly pauseMs: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly from: string;
  readonly to: string;
};

/** Changes the primary of a partition in order while its users write, and reads from their history how long none could. */
export async function switchPrimary(run: Run, partition: string): Promise<SwitchoverFigures> {
  const { primary } = await run.cluster.status(partition);
  const askedAt = run.recorder.now();
  await run.cluster.switchover(partition);
  const doneAt = run.recorder.now();
  const after = await run.cluster.status(partition);
  const writes = await waitFor(async () => enoughAfter(doneAt, writesSince(run, partition, askedAt)), {
    what: `writes to ${partition} after the switchover`,
    withinMs: WRITING_LIMIT_MS,
    signal: run.signal,
    why: async () => (await run.cluster.status(partition)).trouble,
  });
  return {
    tookMs: doneAt - askedAt,
    pauseMs: Math.max(...writes.map((at, index) => at - (writes[index - 1] ?? askedAt))),
    phases: after.lastFailover?.phases ?? {},
    from: primary ?? '?',
    to: after.primary ?? '?',
  };
}

/** When each message was acknowledged, in order. */
const writesSince = (run: Run, partition: string, since: number): readonly number[] =>
  ofKind(run.recorder.events, 'append')
    .filter((a) => a.partition === partition && a.outcome === 'ok' && a.ended > since)
    .map((a) => a.ended)
    .toSorted((a, b) => a - b);

const enoughAfter = (doneAt: number, writes: readonly number[]): readonly number[] | null =>
  writes.filter((at) => at > doneAt).length >= WRITES_AFTER ? writes : null;
