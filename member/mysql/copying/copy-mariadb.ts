import { Impossible } from '#database/impossible.ts';
import type { Copied, CopyRequest } from './copy-request.ts';

/** @throws Impossible `CloneUnavailable` */
export async function copyMariadb({ donor }: CopyRequest): Promise<Copied> {
  throw new Impossible(
    'CloneUnavailable',
    `${donor.member} does not have all of its log any more, and is not copied yet`,
  );
}
