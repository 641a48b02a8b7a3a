import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeadlineError, pause } from '#runtime/deadline.ts';

const ROOT = '/sys/fs/cgroup';
const CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'pids'] as const;
const AGAIN_MS = 50;
const REMOVAL_MS = 10_000;

/**
 * Makes a control group in every hierarchy (version 1), or with every controller handed down (version 2).
 * @param name without a slash: it is directly below the root
 */
export async function createControlGroup(name: string): Promise<void> {
  if (await exists(join(ROOT, 'cgroup.controllers'))) {
    await handDown(ROOT);
    await mkdir(join(ROOT, name), { recursive: true });
    return await handDown(join(ROOT, name));
  }
  for (const hierarchy of await hierarchies()) {
    const folder = join(ROOT, hierarchy, name);
    await mkdir(folder, { recursive: true });
    if (hierarchy !== 'cpuset') continue;
    // A new one of version 1 has no processors and no memory, and takes no process before it has.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      await writeFile(join(folder, file), await readFile(join(ROOT, hierarchy, file)));
  }
}

async function handDown(folder: string): Promise<void> {
  const there = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  for (const controller of CONTROLLERS.filter((name) => there.includes(name)))
    await writeFile(join(folder, 'cgroup.subtree_control'), `+${controller}`);
}

/**
 * Removes it with everything below. Its processes have been killed; the kernel needs a moment to forget them.
 * @throws DeadlineError where one lives on
 */
export async function removeControlGroup(name: string): Promise<void> {
  const places = (await subfolders(ROOT)).map((hierarchy) => join(ROOT, hierarchy, name));
  for (const folder of [join(ROOT, name), ...places]) if (await exists(folder)) await removeTree(folder);
}

/** Names of the control groups directly below a root that begin so: of a cluster that was killed, too. */
export async function controlGroupsNamed(prefix: string): Promise<readonly string[]> {
  const folders = await subfolders(ROOT);
  const below = await Promise.all(folders.map((hierarchy) => subfolders(join(ROOT, hierarchy))));
  return [...new Set([...folders, ...below.flat()].filter((name) => name.startsWith(prefix)))];
}

async function removeTree(folder: string): Promise<void> {
  for (const name of await subfolders(folder)) await removeTree(join(folder, name));
  const end = performance.now() + REMOVAL_MS;
  for (;;) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY') throw error;
      if (performance.now() > end) throw new DeadlineError(`${folder} still holds processes`, { cause: error });
    }
    await pause(AGAIN_MS);
  }
}

/** Of version 1. The unified one beside them, on a hybrid machine, holds no controller and needs no group of ours. */
async function hierarchies(): Promise<readonly string[]> {
  const folders = await subfolders(ROOT);
  const kept = await Promise.all(folders.map((name) => exists(join(ROOT, name, 'cgroup.clone_children'))));
  return folders.filter((_, index) => kept[index] === true);
}

/** Links are second names of the same hierarchy, such as cpu of cpu,cpuacct, and are left out. */
async function subfolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
