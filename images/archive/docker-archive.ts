import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageConfiguration, imageConfiguration, imageManifest } from './image-configuration.ts';
import { type TarOptions, tarFolder } from './tar-folder.ts';

const LAYER = 'layer.tar';
const MANIFEST = 'manifest.json';
const READABLE = 0o644;

export type ImageInputs = {
  /** With its tag: "localhost/imapd:dev". */
  readonly name: string;
  /** Folder that becomes the image's only layer. */
  readonly rootfs: string;
  /** The tar file to write. */
  readonly archive: string;
  /** Whose the files are: root's unless said. */
  readonly owners?: TarOptions['owners'];
} & ImageConfiguration;

/**
 * A folder as an image, in the format of `docker save`, which containerd, docker, podman and kind all load. Equal folders
 * give equal archives.
 */
export async function writeDockerArchive(inputs: ImageInputs): Promise<void> {
  const { name, rootfs, archive, owners = 'root' } = inputs;
  const folder = await mkdtemp(join(tmpdir(), 'imapcluster-image-'));
  try {
    const layer = await tarFolder(rootfs, join(folder, LAYER), { owners });
    const configuration = imageConfiguration(inputs, layer, process.arch);
    const configurationName = `${createHash('sha256').update(configuration).digest('hex')}.json`;
    await writeFile(join(folder, configurationName), configuration);
    await writeFile(join(folder, MANIFEST), imageManifest(name, configurationName, LAYER));
    // The umask of a machine must not change an archive.
    for (const file of [LAYER, configurationName, MANIFEST]) await chmod(join(folder, file), READABLE);
    await tarFolder(folder, archive, { owners: 'root' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
