import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { FuzzCases } from './fuzz-cases.ts';

export type FuzzWorkerData = {
  readonly seed: number;
  /** These cases: `from`, `from + step` … below `to`. */
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** In place of what the seed makes: an input that is being shrunk. */
  readonly octets?: Uint8Array;
  /** Two 32-bit numbers: the case under way and, when the work has begun, how many are done plus one. */
  readonly progress: SharedArrayBuffer;
};

/** What a worker says at its end; silence and death are for others to notice. */
export type FuzzWorkerReport = { readonly wrong: null } | { readonly wrong: string; readonly index: number };

const BUFFERS_AT_MOST = 256 * 1024 * 1024;
const LOOK_EVERY = 4096;

if (!isMainThread) parentPort?.postMessage(examineAll(workerData as FuzzWorkerData));

function examineAll({ seed, from, to, step, octets, progress }: FuzzWorkerData): FuzzWorkerReport {
  const cases = new FuzzCases(seed);
  const told = new Int32Array(progress);
  for (let index = from; index < to; index += step) {
    Atomics.store(told, 0, index);
    Atomics.add(told, 1, 1);
    try {
      const made = cases.make(index);
      cases.examine(octets === undefined ? made : { ...made, octets: Buffer.from(octets) }, index);
      if (index % LOOK_EVERY < step) requireLittleHeld();
    } catch (error) {
      // Whatever is thrown is what is looked for.
      return { wrong: error instanceof Error ? (error.stack ?? error.message) : String(error), index };
    }
  }
  return { wrong: null };
}

/** The heap has its limit from outside; buffers lie beside it. */
function requireLittleHeld(): void {
  const { arrayBuffers } = process.memoryUsage();
  if (arrayBuffers > BUFFERS_AT_MOST) throw new Error(`${arrayBuffers} octets of buffers are held`);
}
