import { cpus } from 'node:os';

/**
 * For how long the cores of this machine have had nothing to do, all together, in milliseconds. Where others work, each wake-up
 * finds the caches used by them and costs more, and each answer waits for its turn.
 */
export const idleMs = (): number => cpus().reduce((sum, { times }) => sum + times.idle, 0);
