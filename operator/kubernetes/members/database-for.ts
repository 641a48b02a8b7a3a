import { productName } from '#database/engine.ts';
import { type DatabaseImage, stockImage } from '../../partition/objects/database-image.ts';
import type { MemberVolume } from './members-input.ts';
import { marksOf } from './volume-marks.ts';

/** `declined`: why something else is asked for than is done, and what to do about it; null: all is done. */
export type DatabaseChoice = { readonly database: DatabaseImage; readonly declined: string | null };

/**
 * The image that members are made with: the one that is asked for, unless it is of another major version than the data. A
 * server does not take such data over, so the image that last ran on it goes on. Whoever asks may not have meant it: a new
 * default of the operator asks all partitions at once.
 */
export function databaseFor(asked: DatabaseImage, volumes: readonly MemberVolume[]): DatabaseChoice {
  const marks = volumes.map(marksOf).filter(({ retired }) => retired === null);
  const ran = marks.flatMap(({ database }) => database ?? []);
  const [last] = ran;
  if (last === undefined || ran.some(({ majorVersion }) => majorVersion === asked.majorVersion))
    return { database: asked, declined: null };
  const { image, majorVersion } = last;
  const declined =
    `${asked.image} is of ${productName[asked.engine]} ${asked.majorVersion} and the data of ${majorVersion}: ${image} goes on. To keep it, set ` +
    `spec.repository.managed.image and majorVersion: ${majorVersion}; for another major version make a new partition and move the mailboxes`;
  return { database: stockImage(asked.engine, image, majorVersion), declined };
}
