import { CHECKOUT } from '../checkout.ts';
import { type ImageName, images } from '../image-table.ts';
import { readPackage } from '../tree/package.ts';

/** Name with tag, and labels by the OCI image specification (annotations.md), of an image of this version. */
export type Naming = { readonly name: string; readonly labels: Readonly<Record<string, string>> };

/** @param repository what stands before the name: a registry and its folder, or "localhost" */
export async function naming(image: ImageName, repository: string): Promise<Naming> {
  const { version, license } = await readPackage(CHECKOUT);
  const { title, description } = images[image];
  const prefix = 'org.opencontainers.image';
  return {
    name: `${repository}/imapcluster-${image}:${version}`,
    labels: {
      [`${prefix}.title`]: title,
      [`${prefix}.description`]: description,
      [`${prefix}.version`]: version,
      [`${prefix}.licenses`]: license,
    },
  };
}
