import { pause } from '#runtime/deadline.ts';
import type { ContentReads } from '../cluster.ts';
import type { Run } from '../run.ts';

const WATCH_MS = 3_000;

/** Share of content, 0–1, that replicas served while the load ran, by the databases' own counters. */
export async function whereReadsWent(run: Run, partition: string): Promise<number> {
  const before = await run.cluster.contentReads(partition);
  await pause(WATCH_MS, run.signal);
  const after = await run.cluster.contentReads(partition);
  const reads = after.map((now) => ({ ...now, chunks: now.chunks - chunksOf(before, now.member) }));
  const total = reads.reduce((sum, r) => sum + r.chunks, 0);
  const fromReplicas = reads.filter((r) => r.role === 'replica').reduce((sum, r) => sum + r.chunks, 0);
  const share = total === 0 ? 0 : fromReplicas / total;
  run.narrator.table(
    ['member', 'role', 'chunks of messages read', 'share'],
    reads.map((r) => [r.member, r.role, String(r.chunks), percent(total === 0 ? 0 : r.chunks / total)]),
  );
  run.narrator.say(`${percent(share)} of the content came from replicas (pg_stat_all_tables of every member).`);
  const fallbacks = [...(await run.cluster.fallbacks(partition))].map(([reason, count]) => `${count} ${reason}`);
  run.narrator.say(`Fallen back to the primary since the start, by imapd's count: ${fallbacks.join(', ') || 'none'}.`);
  return share;
}

const chunksOf = (reads: readonly ContentReads[], member: string): number =>
  reads.find((r) => r.member === member)?.chunks ?? 0;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
