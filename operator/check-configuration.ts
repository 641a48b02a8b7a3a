import { isPinnedImage } from '#crds/pinned-image.ts';
import { ConfigurationError } from '#runtime/configuration.ts';
import type { OperatorConfiguration } from './configuration.ts';
import { IMAGE_KEY } from './partition/objects/database-image.ts';

/**
 * What a schema alone cannot say of the operator's configuration.
 * @param file it is from, for the message
 * @throws ConfigurationError with all mistakes at once
 */
export function checkConfiguration({ lease, images }: OperatorConfiguration, file: string): void {
  const mistakes = [
    ...(lease.renewDeadlineMs < lease.durationSeconds * 1_000
      ? []
      : ['/lease/renewDeadlineMs: not below durationSeconds']),
    ...Object.values(IMAGE_KEY).flatMap((key) => {
      const { image } = images[key];
      const todo = 'name a tag other than latest, or a digest';
      return isPinnedImage(image)
        ? []
        : [`/images/${key}/image: ${image} may be another major version after any pull: ${todo}`];
    }),
  ];
  if (mistakes.length > 0)
    throw new ConfigurationError(`${file}:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
}
