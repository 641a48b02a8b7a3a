import { writeDockerArchive } from '../archive/docker-archive.ts';
import { entrypointOf, IMAGE_USER, type ImageName, images } from '../image-table.ts';
import { naming } from './image-name.ts';

export type PackOptions = {
  /** Folder with all that is in the image. */
  readonly rootfs: string;
  /** "localhost", or a registry and its folder. */
  readonly repository: string;
  /** The archive to write. */
  readonly archive: string;
};

/** A folder as an archive of the image, with what a container of it starts. Returns its name with tag. */
export async function packImage(image: ImageName, { rootfs, repository, archive }: PackOptions): Promise<string> {
  const { name, labels } = await naming(image, repository);
  const entrypoint = entrypointOf(images[image]);
  await writeDockerArchive({ name, rootfs, archive, entrypoint, user: IMAGE_USER, labels });
  return name;
}
