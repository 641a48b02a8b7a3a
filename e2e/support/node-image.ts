import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeDockerArchive } from '#images/archive/docker-archive.ts';
import { runCommand } from '../clusters/process/run-command.ts';

export const NODE_IMAGE = 'localhost/imapcluster-node:1';

/** An image with nothing but this Node and the libraries it is linked to: enough to serve, to ask and to look up names. */
export async function writeNodeImage(archive: string): Promise<void> {
  const rootfs = await mkdtemp(join(tmpdir(), 'imapcluster-node-'));
  try {
    const libraries = (await runCommand(['ldd', process.execPath])).matchAll(/(\/\S+)(?= \(0x)/g);
    for (const [library] of libraries) await copy(library, rootfs, library);
    await copy(process.execPath, rootfs, '/usr/bin/node');
    await mkdir(join(rootfs, 'tmp'), { mode: 0o1777 });
    await writeDockerArchive({ name: NODE_IMAGE, rootfs, archive, entrypoint: ['/usr/bin/node'], user: '65532:65532' });
  } finally {
    await rm(rootfs, { recursive: true, force: true });
  }
}

async function copy(source: string, rootfs: string, path: string): Promise<void> {
  const target = join(rootfs, path);
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target, { dereference: true });
}
