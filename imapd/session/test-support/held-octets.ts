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
