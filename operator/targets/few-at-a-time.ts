import { setImmediate } from 'node:timers/promises';

/** To sign a heartbeat and to send it takes a fifth of a millisecond. */
const AT_A_TIME = 8;

let begun = 0;
let next: Promise<void> | null = null;

/**
 * To be awaited before each of what may come by the thousand at one moment: a few go at once, then whatever has come from
 * anybody meanwhile is dealt with, then the next few. For all clusters of the process together.
 */
export async function fewAtATime(): Promise<void> {
  while (begun >= AT_A_TIME) await next;
  begun += 1;
  next ??= setImmediate().then(() => {
    begun = 0;
    next = null;
  });
}
