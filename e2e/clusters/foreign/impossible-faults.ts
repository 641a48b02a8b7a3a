import { FaultImpossible, type Faults, faultNames } from '../cluster.ts';

/** The faults of a cluster whose machines are not ours. */
export function impossibleFaults(why: string): Faults {
  const refusals = faultNames.map((name) => [
    name,
    () => Promise.reject(new FaultImpossible(`${name} cannot be done: ${why}`)),
  ]);
  return Object.fromEntries(refusals) as Faults;
}
