import { spawn } from 'node:child_process';
import { searchPath } from '../programs/search-path.ts';
import { clusterFolder } from './cluster-folder.ts';
import { SupervisorClient } from './control/supervisor-client.ts';
import { readHolder } from './down.ts';

/**
 * Runs a command, or a shell, inside the namespaces of a running cluster: there its addresses are reached, and kubectl is on
 * PATH. Returns the exit code.
 */
export async function shell(stateFolder: string, command: readonly string[]): Promise<number> {
  const folder = clusterFolder(stateFolder);
  const holder = await readHolder(folder.holder);
  if (holder === null) throw new Error(`no cluster runs in ${folder.root}: start one by "npm run cluster -- up"`);
  const cluster = await new SupervisorClient(folder.socket).connect();
  const inner = command.length > 0 ? command : [process.env.SHELL ?? '/bin/sh'];
  const words = ['--target', `${holder.init}`, '--mount', '--net', '--pid', '--wd=.', '--', ...inner];
  const child = spawn('nsenter', words, {
    stdio: 'inherit',
    env: {
      ...process.env,
      KUBECONFIG: cluster.kubeconfig,
      PATH: searchPath(cluster.programFolders),
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  // Ctrl-C is for what runs in the shell.
  process.on('SIGINT', () => child.ref());
  return await promise;
}
