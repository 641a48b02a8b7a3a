import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildArchive } from '#images/build/build-archive.ts';
import { type ImageName, imageNames } from '#images/image-table.ts';

export type ProgramImage = { readonly name: string; readonly archive: string };

/** Images of this checkout's programs, made into `folder`. One after the other: each bundles on all cores. */
export async function buildProgramImages(folder: string): Promise<Readonly<Record<ImageName, ProgramImage>>> {
  await mkdir(folder, { recursive: true });
  const built: [ImageName, ProgramImage][] = [];
  for (const image of imageNames) {
    const archive = join(folder, `${image}.tar`);
    built.push([image, { name: await buildArchive(image, { repository: 'localhost', archive }), archive }]);
  }
  return Object.fromEntries(built) as Record<ImageName, ProgramImage>;
}
