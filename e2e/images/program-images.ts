import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildArchive } from '#images/build/build-archive.ts';
import { type ImageName, imageNames } from '#images/image-table.ts';
import { cacheFolder } from '#runtime/cache/cache-folder.ts';

/** Set where `npm run e2e` has built them already, while the cluster came up: their archives, as JSON. */
export const PROGRAM_IMAGES_VARIABLE = 'IMAPCLUSTER_E2E_PROGRAM_IMAGES';

export type ProgramImages = Readonly<Record<ImageName, string>>;

/** Archives of the images of this checkout's programs. */
export async function programImages(environment: NodeJS.ProcessEnv = process.env): Promise<ProgramImages> {
  const built = environment[PROGRAM_IMAGES_VARIABLE];
  return built === undefined ? await buildProgramImages() : (JSON.parse(built) as ProgramImages);
}

/** Into the cache. One after the other: each bundles on all cores. */
export async function buildProgramImages(): Promise<ProgramImages> {
  const folder = join(cacheFolder(process.env, homedir()), 'program-images');
  await mkdir(folder, { recursive: true });
  const built: [ImageName, string][] = [];
  for (const image of imageNames) {
    const archive = join(folder, `${image}.tar`);
    await buildArchive(image, { repository: 'localhost', archive });
    built.push([image, archive]);
  }
  return Object.fromEntries(built) as Record<ImageName, string>;
}
