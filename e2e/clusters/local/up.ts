import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../process/command-error.ts';
import { lastLines } from '../process/kept-log.ts';
import { waitFor } from '../process/wait-for.ts';
import { clusterFolder } from './cluster-folder.ts';
import type { ClusterDescription } from './control/supervisor-api.ts';
import { SupervisorClient } from './control/supervisor-client.ts';

export type UpOptions = {
  readonly stateFolder: string;
  readonly nodes: number;
  /** Each step on the way, once. */
  onStep(text: string): void;
  readonly signal: AbortSignal;
};

const UP_MS = 300_000;

/**
 * Starts a local cluster that goes on when this process ends. The programs must have been built: inside there is no network.
 * @throws CommandError with the supervisor's last lines
 */
export async function up({ stateFolder, nodes, onStep, signal }: UpOptions): Promise<ClusterDescription> {
  const folder = clusterFolder(stateFolder);
  const client = new SupervisorClient(folder.socket);
  if (await answers(client))
    throw new Error(`a cluster is running in ${folder.root}: end it by "npm run cluster -- down"`);
  await mkdir(folder.logs, { recursive: true });
  await using log = await open(folder.supervisorLog, 'w');
  const keeper = join(import.meta.dirname, 'keeper.ts');
  const child = spawn(process.execPath, [keeper, '--state', folder.root, '--nodes', `${nodes}`], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.unref();
  let cluster: ClusterDescription | null = null;
  let told = '';
  const settled = async (): Promise<boolean> => {
    // Until it listens there is nobody to ask.
    const status = await client.status().catch(() => null);
    if (status?.phase === 'ready') cluster = status.cluster;
    if (status?.phase === 'starting' && status.step !== told) {
      told = status.step;
      onStep(told);
    }
    return ended || cluster !== null;
  };
  try {
    await waitFor(settled, { what: 'the cluster', deadlineMs: UP_MS, everyMs: 250, signal });
  } catch (error) {
    // Nobody waits for it any more; the keeper cleans up.
    child.kill();
    throw error;
  }
  if (cluster === null) throw new CommandError('the cluster did not come up', await lastLines(folder.supervisorLog));
  return cluster;
}

/** Nobody listening is an answer too. */
async function answers(client: SupervisorClient): Promise<boolean> {
  return await client.status().then(
    () => true,
    () => false,
  );
}
