import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Octets that may pass before dead buffers are looked for. Each of them leaves up to four dead ones behind (what sockets
 * and the driver have read, joined and decoded), so some 8 MiB of garbage wait at most.
 */
const SWEEP_EVERY = 2 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
let passed = 0;

/**
 * To be told of message octets and large answers that pass through the process, whoever's they are. V8 sees little of their
 * memory, which lies outside its heap: left alone it lets dead buffers of 64 MiB and more pile up before it looks for them. A
 * look at the young ones takes about a millisecond.
 */
export function octetsPassed(octets: number): void {
  passed += octets;
  if (passed < SWEEP_EVERY) return;
  passed = 0;
  collect({ type: 'minor' });
}
