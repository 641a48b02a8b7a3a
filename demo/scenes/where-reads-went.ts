import { pause } from '#runtime/deadline.ts';
import type { ContentReads } from '../cluster.ts';
import type { ContentBytes } from '../content-bytes.ts';
import type { Run } from '../run.ts';
import { ENOUGH_CHUNKS, mostOfReplicas, type ReadFigures } from './promises.ts';

type Reads = { readonly chunks: readonly ContentReads[]; readonly bytes: ContentBytes };

const WATCH_MS = 1_500;
/** On a busy machine reading takes its time. */
const LOOKS = 24;

/**
 * How much of the content replicas served while the load ran: chunks by the databases' own counters, which know no sizes,
 * and octets by imapd's, which the databases do not count.
 */
export async function whereReadsWent(run: Run, partition: string): Promise<ReadFigures> {
  const before = await readsOf(run, partition);
  let reads: readonly ContentReads[] = [];
  let figures: ReadFigures = { chunks: 0, chunksOfReplicas: 0, bytes: 0, bytesOfReplicas: 0 };
  for (let look = 0; look < LOOKS && !tellsEnough(figures); look++) {
    await pause(WATCH_MS, run.signal);
    run.signal.throwIfAborted();
    const after = await readsOf(run, partition);
    reads = after.chunks.map((now) => ({ ...now, chunks: now.chunks - chunksOf(before.chunks, now.member) }));
    figures = figuresOf(reads, { before: before.bytes, after: after.bytes });
  }
  await tell(run, partition, { reads, figures });
  return figures;
}

const readsOf = async (run: Run, partition: string): Promise<Reads> => ({
  chunks: await run.cluster.contentReads(partition),
  bytes: await run.cluster.contentBytes(partition),
});

function figuresOf(
  reads: readonly ContentReads[],
  { before, after }: Record<'before' | 'after', ContentBytes>,
): ReadFigures {
  const bytesOfReplicas = after.replica - before.replica;
  return {
    chunks: chunksIn(reads),
    chunksOfReplicas: chunksIn(reads.filter((r) => r.role === 'replica')),
    bytes: bytesOfReplicas + after.primary - before.primary,
    bytesOfReplicas,
  };
}

/** A message that is read while the replicas have yet to replay it comes from the primary, as it must: among few, one counts for much. */
const tellsEnough = (figures: ReadFigures): boolean => figures.chunks >= ENOUGH_CHUNKS && mostOfReplicas(figures);

async function tell(
  run: Run,
  partition: string,
  { reads, figures }: { readonly reads: readonly ContentReads[]; readonly figures: ReadFigures },
): Promise<void> {
  const { chunks, chunksOfReplicas, bytes, bytesOfReplicas } = figures;
  run.narrator.table(
    ['member', 'role', 'chunks of messages read', 'share'],
    reads.map((r) => [r.member, r.role, String(r.chunks), percent(r.chunks, chunks)]),
  );
  run.narrator.say(
    `${percent(chunksOfReplicas, chunks)} of the chunks came from replicas, by ${await run.cluster.countedBy(partition)} of every member;`,
  );
  run.narrator.say(`${percent(bytesOfReplicas, bytes)} of ${kibibytes(bytes)} of content, by imapd's count.`);
  const fallbacks = [...(await run.cluster.fallbacks(partition))].map(([reason, count]) => `${count} ${reason}`);
  run.narrator.say(`Fallen back to the primary since the start, by imapd's count: ${fallbacks.join(', ') || 'none'}.`);
}

const chunksIn = (reads: readonly ContentReads[]): number => reads.reduce((sum, r) => sum + r.chunks, 0);
const chunksOf = (reads: readonly ContentReads[], member: string): number =>
  reads.find((r) => r.member === member)?.chunks ?? 0;
const percent = (part: number, whole: number): string => `${(whole === 0 ? 0 : (part / whole) * 100).toFixed(1)} %`;
const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
