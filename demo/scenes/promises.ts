/** What came from replicas of all content that was read from databases while the load ran. */
export type ReadFigures = {
  readonly chunks: number;
  readonly chunksOfReplicas: number;
  readonly bytes: number;
  readonly bytesOfReplicas: number;
};

/** What the other partition did while one had no primary. */
export type NeighbourFigures = {
  /** From the kill to the first write that the new primary acknowledged, ms. */
  readonly outageMs: number;
  /** Messages sent and acknowledged within that time. */
  readonly writes: number;
  /** The slowest write of those that were under way in that time, ms. */
  readonly slowestMs: number;
};

export type SalvageFigures = {
  /** Messages acknowledged while the replica was held back. */
  readonly tail: number;
  /** Acknowledged messages that were gone after the failover. */
  readonly lost: number;
  /** Of those, how many came back, by content. */
  readonly salvaged: number;
  /** Salvaged too, but not missed: a client had asked to remove them, or never heard what became of them. */
  readonly unasked: number;
  /** Salvaged messages whose UID is not above all that were known in their mailbox before. */
  readonly oldUids: number;
  readonly lossWindowSeconds: number;
  readonly rejoined: boolean;
};

/** Everything that the scenes show beside the invariants. */
export type Shown = {
  readonly reads: ReadFigures;
  readonly neighbour: NeighbourFigures;
  readonly salvage: SalvageFigures;
};

/** Fewer chunks than this say little about shares. */
export const ENOUGH_CHUNKS = 20;
/** Messages that are written while the replica is held back. */
export const TAIL_MESSAGES = 25;
const ENOUGH_OF_REPLICAS = 0.95;
/** A write that waits for a disk takes as long as this at times; one that had to wait for the failover, as long as that. */
const UNDISTURBED_MS = 1_000;

/** Of the octets of content. */
export const mostOfReplicas = ({ bytes, bytesOfReplicas }: ReadFigures): boolean =>
  bytes > 0 && bytesOfReplicas >= bytes * ENOUGH_OF_REPLICAS;

type Promised = { readonly otherwise: string; readonly kept: (shown: Shown) => boolean };

const promises: readonly Promised[] = [
  {
    otherwise: `fewer than ${ENOUGH_CHUNKS} chunks were read: too few to tell where reads go`,
    kept: ({ reads }) => reads.chunks >= ENOUGH_CHUNKS,
  },
  {
    otherwise: 'too many chunks came from the primary',
    kept: ({ reads }) => reads.chunksOfReplicas >= reads.chunks * ENOUGH_OF_REPLICAS,
  },
  {
    otherwise: 'too much content came from the primary',
    kept: ({ reads }) => mostOfReplicas(reads),
  },
  {
    otherwise: 'nothing was written to the other partition while one had no primary',
    kept: ({ neighbour }) => neighbour.writes > 0,
  },
  {
    otherwise: 'a write to the other partition took as long as the failover',
    kept: ({ neighbour }) => neighbour.slowestMs <= Math.max(UNDISTURBED_MS, neighbour.outageMs),
  },
  {
    otherwise: `fewer than ${TAIL_MESSAGES} messages were acknowledged by the primary alone, and lost`,
    kept: ({ salvage }) => salvage.tail >= TAIL_MESSAGES && salvage.lost >= TAIL_MESSAGES,
  },
  {
    otherwise: 'not all that was lost was salvaged',
    kept: ({ salvage }) => salvage.salvaged === salvage.lost,
  },
  { otherwise: 'a salvaged message got no new UID', kept: ({ salvage }) => salvage.oldUids === 0 },
  { otherwise: 'the old primary is no replica', kept: ({ salvage }) => salvage.rejoined },
];

/** Promises of the scenes that were not kept, each in words. Pure. */
export const brokenPromises = (shown: Shown): readonly string[] =>
  promises.filter(({ kept }) => !kept(shown)).map(({ otherwise }) => otherwise);
