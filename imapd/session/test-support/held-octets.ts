import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Octets of buffers that something in this process still refers to: what is only waiting to be collected is not counted. */
export function heldOctets(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
