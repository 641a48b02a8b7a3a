import { createHash } from 'node:crypto';

/** A seed for one part of a run, out of the run's own: parts draw their numbers without disturbing each other. */
export const derivedSeed = (seed: number, part: string): number =>
  createHash('sha256').update(`${seed} ${part}`).digest().readUInt32BE(0);
