import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMAGE_FOLDER, type ImageName, images } from '../image-table.ts';
import { writeMinimalBase } from '../tree/write-minimal-base.ts';
import { writeTree } from '../tree/write-tree.ts';
import { type PackOptions, packImage } from './pack-image.ts';

export type BuildOptions = Pick<PackOptions, 'repository' | 'archive'>;

/**
 * Makes an image without any container tool: one layer, as `docker save` would write it. It holds the C library of this
 * machine and no shell. Equal sources on equal machines give equal archives.
 * @returns its name with tag
 */
export async function buildArchive(image: ImageName, options: BuildOptions): Promise<string> {
  const rootfs = await mkdtemp(join(tmpdir(), 'imapcluster-image-'));
  try {
    await writeMinimalBase(rootfs);
    await writeTree(images[image], join(rootfs, IMAGE_FOLDER));
    return await packImage(image, { ...options, rootfs });
  } finally {
    await rm(rootfs, { recursive: true, force: true });
  }
}
