import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDockerArchive } from '../archive/docker-archive.ts';
import { IMAGE_FOLDER, IMAGE_USER, type ImageName, images } from '../image-table.ts';
import { writeMinimalBase } from '../tree/write-minimal-base.ts';
import { writeTree } from '../tree/write-tree.ts';
import { naming } from './image-name.ts';

export type BuildOptions = {
  /** "localhost", or a registry and its folder. */
  readonly repository: string;
  /** The archive to write. */
  readonly archive: string;
};

/**
 * Makes an image without any container tool: one layer, as `docker save` would write it. It holds the C library of this
 * machine and no shell. Equal sources on equal machines give equal archives.
 * @returns its name with tag
 */
export async function buildArchive(image: ImageName, { repository, archive }: BuildOptions): Promise<string> {
  const rootfs = await mkdtemp(join(tmpdir(), 'imapcluster-image-'));
  try {
    await writeMinimalBase(rootfs);
    await writeTree(images[image], join(rootfs, IMAGE_FOLDER));
    const { name, labels } = await naming(image, repository);
    const [program = ''] = Object.keys(images[image].programs);
    const entrypoint = [`/${IMAGE_FOLDER}/launch`, program];
    await writeDockerArchive({ name, rootfs, archive, entrypoint, user: IMAGE_USER, labels });
    return name;
  } finally {
    await rm(rootfs, { recursive: true, force: true });
  }
}
