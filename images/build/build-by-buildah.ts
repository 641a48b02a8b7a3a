import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDockerArchive } from '../archive/docker-archive.ts';
import { CHECKOUT } from '../checkout.ts';
import { IMAGE_FOLDER, type ImageName, images } from '../image-table.ts';
import { run } from '../run.ts';
import { writeMinimalBase } from '../tree/write-minimal-base.ts';
import { writeTree } from '../tree/write-tree.ts';
import type { BuildOptions } from './build-archive.ts';
import { naming } from './image-name.ts';

export type BuildahOptions = BuildOptions & {
  /** Image to stand on; null = this machine's C library. */
  readonly base: string | null;
};

/**
 * Makes an image by `buildah` from its Containerfile, without a registry: the stage that would install packages from one is
 * left out in favour of what this checkout has.
 * @returns its name with tag
 */
export async function buildByBuildah(image: ImageName, options: BuildahOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-buildah-'));
  try {
    const tree = await writeStage(folder, 'tree', (rootfs) => writeTree(images[image], join(rootfs, IMAGE_FOLDER)));
    const base = options.base ?? (await writeStage(folder, 'base', writeMinimalBase));
    const { name, labels } = await naming(image, options.repository);
    const context = join(folder, 'context');
    await mkdir(context);
    // Of its own: nothing stays among the images of whoever builds; and folders, for mounts would stay.
    const storage = [`--root=${join(folder, 'storage')}`, `--runroot=${join(folder, 'run')}`, '--storage-driver=vfs'];
    await run('buildah', [
      ...storage,
      'build',
      // Needs no rights over namespaces, which are seldom given inside of a container.
      '--isolation=chroot',
      '--timestamp=0',
      '--layers=false',
      `--file=${join(CHECKOUT, 'images', image, 'Containerfile')}`,
      `--build-arg=TREE=${tree}`,
      `--build-arg=BASE=${base}`,
      ...Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`),
      `--tag=${name}`,
      context,
    ]);
    await rm(options.archive, { force: true });
    await run('buildah', [...storage, 'push', '--quiet', name, `docker-archive:${options.archive}:${name}`]);
    return name;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One stage of the Containerfile as an image in a file. Returns it as buildah takes it. */
async function writeStage(folder: string, stage: string, write: (rootfs: string) => Promise<void>): Promise<string> {
  const rootfs = join(folder, stage);
  const archive = join(folder, `${stage}.tar`);
  await mkdir(rootfs);
  await write(rootfs);
  await writeDockerArchive({ name: `localhost/imapcluster-${stage}:1`, rootfs, archive, entrypoint: [] });
  await rm(rootfs, { recursive: true });
  return `docker-archive:${archive}`;
}
