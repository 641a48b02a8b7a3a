import type { Bench } from './bench.ts';

/** Every measurement there is, by the name it is asked for. */
export const benches: readonly Bench[] = [];
