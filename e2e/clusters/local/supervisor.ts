import { Command } from 'commander';
import { ensurePrograms } from '../programs/ensure-programs.ts';
import { clusterFolder } from './cluster-folder.ts';
import { serveSupervisor } from './control/supervisor-server.ts';
import { LocalCluster } from './local-cluster.ts';
import { LOCAL_PROGRAMS } from './local-programs.ts';

/**
 * The program inside the namespaces of `npm run cluster -- up`: brings the cluster up and holds it until it is told to end.
 * Started by keeper.ts.
 */
const options = new Command('supervisor')
  .requiredOption('--state <folder>')
  .requiredOption('--nodes <count>')
  .parse()
  .opts<{ readonly state: string; readonly nodes: string }>();

const terminated = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => terminated.abort(new Error(signal)));
const server = await serveSupervisor(clusterFolder(options.state).socket);
const log = (text: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
  server.step(text);
};
try {
  const programs = await ensurePrograms(LOCAL_PROGRAMS);
  server.ready(await LocalCluster.start({ stateFolder: options.state, nodes: Number(options.nodes), programs, log }));
  log('ready');
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
if (!terminated.signal.aborted) {
  const { promise, resolve } = Promise.withResolvers<void>();
  terminated.signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
// Everything else ends with us.
process.exit(0);
