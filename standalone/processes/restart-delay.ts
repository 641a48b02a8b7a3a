/** A process that lived this long was healthy: its next death is the first again. */
const HEALTHY_MS = 30_000;
const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** How long to wait before a process is started again, after `deaths` short lives in a row (the last included). */
export const restartDelay = (deaths: number): number => Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, deaths - 1));

/** The number of short lives in a row, given how long the last life was. */
export const deathsInARow = (before: number, livedMs: number): number => (livedMs >= HEALTHY_MS ? 1 : before + 1);
