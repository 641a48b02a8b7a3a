import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.ts';

/** What a runtime makes of an archive of `docker save`. */
export type UnpackedImage = {
  /** How a container starts (OCI image specification, config.md). */
  readonly configuration: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly WorkingDir: string;
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
  /** Folder with the files of all layers. */
  readonly rootfs: string;
};

type Manifest = readonly [{ readonly Config: string; readonly Layers: readonly string[] }];

/** Into a folder that does not exist yet. */
export async function unpackArchive(archive: string, folder: string): Promise<UnpackedImage> {
  const rootfs = join(folder, 'rootfs');
  await mkdir(rootfs, { recursive: true });
  await run('tar', ['--extract', `--file=${archive}`, `--directory=${folder}`]);
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const [{ Config, Layers }] = (await json('manifest.json')) as Manifest;
  for (const layer of Layers)
    await run('tar', [
      ...['--extract', '--preserve-permissions', '--no-same-owner'],
      ...[`--file=${join(folder, layer)}`, `--directory=${rootfs}`],
    ]);
  const { config } = (await json(Config)) as { readonly config: UnpackedImage['configuration'] };
  return { configuration: config, rootfs };
}
