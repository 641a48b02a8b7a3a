import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFolder } from '#standalone/state/folder-lock.ts';
import { childOf } from '../process/process-tree.ts';
import { waitFor } from '../process/wait-for.ts';
import { type ClusterFolder, clusterFolder, unfitStateFolder } from './cluster-folder.ts';
import { controlGroupsNamed, removeControlGroup } from './control-groups.ts';
import { compileInit } from './images/own-images.ts';

export type NamespacesOptions = {
  readonly stateFolder: string;
  /** What to run inside; its end is the end of everything there. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Asks the command to end; it gets a while for that. */
  readonly signal: AbortSignal;
};

/** Numbers of processes as seen from outside the namespaces. */
export type Holder = { readonly keeper: number; readonly init: number };

const STOP_MS = 20_000;
const ENTER_MS = 10_000;
/** `down` looks at the lock while its folder is being removed. */
const RETRIES = 5;

/**
 * Runs a command as the only inhabitant of fresh mount, network and pid namespaces, and returns its exit code when
 * everything that it started is gone, mounts and interfaces too: the kernel sees to that, however the command or we end.
 * What the kernel does not do is done here: empty control groups and the state folder (the logs stay after a failure).
 */
export async function runInNamespaces(options: NamespacesOptions): Promise<number> {
  const { stateFolder, command, environment = {}, signal } = options;
  const unfit = unfitStateFolder(stateFolder);
  if (unfit !== null) throw new Error(unfit);
  const folder = clusterFolder(stateFolder);
  await mkdir(folder.root, { recursive: true });
  const lock = await lockFolder(folder.root);
  try {
    await removeRemains(folder);
    await compileInit(folder.init);
    const [file = '', ...words] = ['setpriv', '--pdeathsig=KILL', '--', ...UNSHARE, '--', folder.init, ...command];
    const child = spawn(file, words, { stdio: 'inherit', env: { ...process.env, ...environment } });
    const ended = Promise.withResolvers<number>();
    child.on('error', ended.reject).on('exit', (code) => ended.resolve(code ?? 1));
    const stopping = stopOn(signal, child.pid ?? 0, ended.promise);
    await writeHolder(folder, child.pid ?? 0, ended.promise);
    const code = await ended.promise;
    await stopping;
    await removeRemains(folder);
    const unwanted = code === 0 ? folder.root : [folder.controlPlane, folder.etcd, folder.images, folder.nodes];
    for (const path of [unwanted].flat()) await rm(path, { recursive: true, force: true, maxRetries: RETRIES });
    return code;
  } finally {
    lock.release();
  }
}

const UNSHARE = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;

async function writeHolder(folder: ClusterFolder, unshare: number, ended: Promise<number>): Promise<void> {
  let init: number | null = null;
  const gone = ended.then(() => true);
  const entered = async (): Promise<boolean> => {
    init = await childOf(unshare);
    return init !== null || (await Promise.race([gone, sleep(0, false)]));
  };
  await waitFor(entered, { what: 'namespaces', deadlineMs: ENTER_MS, everyMs: 20 });
  if (init === null) return;
  const holder: Holder = { keeper: process.pid, init };
  await writeFile(folder.holder, JSON.stringify(holder));
}

/** First asks, then insists: the end of the first process is the end of all. */
async function stopOn(signal: AbortSignal, unshare: number, ended: Promise<number>): Promise<void> {
  const asked = Promise.withResolvers<'asked'>();
  signal.addEventListener('abort', () => asked.resolve('asked'), { once: true });
  if (signal.aborted) asked.resolve('asked');
  if ((await Promise.race([asked.promise, ended])) !== 'asked') return;
  const init = await childOf(unshare);
  if (init !== null) process.kill(init, 'SIGTERM');
  const late = await Promise.race([sleep(STOP_MS, true, { ref: false }), ended.then(() => false)]);
  if (late) process.kill(unshare, 'SIGKILL');
}

/** Of this run, or of an earlier one that was killed together with its keeper. */
async function removeRemains(folder: ClusterFolder): Promise<void> {
  for (const name of await controlGroupsNamed(folder.controlGroupPrefix)) await removeControlGroup(name);
  for (const path of [folder.holder, folder.socket]) await rm(path, { force: true });
}
