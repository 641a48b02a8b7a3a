import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeDockerArchive } from '#images/archive/docker-archive.ts';
import { runCommand } from '../../process/run-command.ts';

/** What holds the namespaces of a pod; every pod of the cluster has one. */
export const SANDBOX_IMAGE = 'localhost/imapcluster-pause:1';
export const DNS_IMAGE = 'localhost/imapcluster-coredns:1';
/** As in the images of others: no user of the machine. */
const NOBODY = '65532:65532';

/** Compiles init/init.c. Static, because it is alone in its image. */
export async function compileInit(program: string): Promise<void> {
  const source = join(import.meta.dirname, '..', 'init', 'init.c');
  await mkdir(dirname(program), { recursive: true });
  await runCommand(['gcc', '-static', '-O2', '-o', program, source]);
}

/** Writes the images that every node needs, and returns their archives. */
export async function writeOwnImages(
  folder: string,
  programs: { readonly init: string; readonly coredns: string },
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, file: string, program: string): Promise<string> => {
    const rootfs = await mkdtemp(join(folder, 'rootfs-'));
    const archive = join(folder, `${file}.tar`);
    await copyFile(program, join(rootfs, file));
    await writeDockerArchive({ name, rootfs, archive, entrypoint: [`/${file}`], user: NOBODY });
    await rm(rootfs, { recursive: true });
    return archive;
  };
  return await Promise.all([
    write(SANDBOX_IMAGE, 'pause', programs.init),
    write(DNS_IMAGE, 'coredns', programs.coredns),
  ]);
}
