/** To sign heartbeats for sixteen and to send them takes a millisecond. */
const AT_A_TIME = 2;

let begun = 0;
let isScheduled = false;
/** In the order in which they came. One by one: woken all together, thousands would look thousands of times who is next. */
let waiting: (() => void)[] = [];

/**
 * To be awaited before each of what may come by the thousand at one moment: a few go at once, then whatever has come from
 * anybody meanwhile is dealt with, then the next few. For all clusters of the process together.
 */
export async function fewAtATime(): Promise<void> {
  scheduleNext();
  if (begun < AT_A_TIME) {
    begun += 1;
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  await promise;
}

function scheduleNext(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    const next = waiting.slice(0, AT_A_TIME);
    waiting = waiting.slice(AT_A_TIME);
    begun = next.length;
    if (begun > 0) scheduleNext();
    for (const go of next) go();
  });
}
