import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Octets of buffers that something in this process still refers to. Memory is given back beside the program: poll it.
 */
export function heldOctets(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** Between two looks, ms. Each collects garbage, which takes tens of milliseconds: there must be time left for the work. */
const LOOK_MS = 250;

/** The most that is held while `work` runs, in octets more than before. */
export async function mostHeldDuring(work: () => Promise<unknown>): Promise<number> {
  const before = heldOctets();
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, heldOctets() - before);
  }, LOOK_MS);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return most;
}
