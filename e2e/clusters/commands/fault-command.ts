import { InvalidArgumentError } from 'commander';
import { type FaultName, faultNames } from '../cluster.ts';
import { clusterFolder } from '../local/cluster-folder.ts';
import { SupervisorClient } from '../local/control/supervisor-client.ts';

/**
 * `npm run cluster -- fault cutNetwork node2`: does to a local cluster what the tests do. The words are the arguments of
 * Faults in cluster.ts.
 */
export async function faultCommand(name: string, words: readonly string[], state: string): Promise<void> {
  const known = faultNames.find((each): each is FaultName => each === name);
  if (known === undefined) throw new InvalidArgumentError(`no fault ${name}; there are ${faultNames.join(', ')}`);
  const { faults } = await new SupervisorClient(clusterFolder(state).socket).connect();
  const fault = faults[known] as (...words: readonly string[]) => Promise<unknown>;
  const result = await fault(...words);
  process.stdout.write(typeof result === 'number' ? `${result} processes\n` : 'done\n');
}
