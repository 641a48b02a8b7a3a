import { join } from 'node:path';
import { Command } from 'commander';
import { runInNamespaces } from './namespaces.ts';

/**
 * The program that `npm run cluster -- up` leaves running, outside the namespaces: it holds them and cleans up after them.
 * Its output is the supervisor's log.
 */
const options = new Command('keeper')
  .requiredOption('--state <folder>')
  .requiredOption('--nodes <count>')
  .parse()
  .opts<{ readonly state: string; readonly nodes: string }>();

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort(new Error(signal)));
const supervisor = join(import.meta.dirname, 'supervisor.ts');
process.exitCode = await runInNamespaces({
  stateFolder: options.state,
  command: [process.execPath, supervisor, '--state', options.state, '--nodes', options.nodes],
  signal: stop.signal,
});
