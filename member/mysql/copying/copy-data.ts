import type { Flavour } from '#database/mysql/flavour.ts';
import { unlessStalled } from '../../supervisor/unless-stalled.ts';
import { cloneMysql } from './clone-mysql.ts';
import { copyMariadb } from './copy-mariadb.ts';
import type { Copied, CopyRequest } from './copy-request.ts';
import { settleCopy } from './settle-copy.ts';

const copy: Readonly<Record<Flavour, (request: CopyRequest) => Promise<Copied>>> = {
  mysql: cloneMysql,
  mariadb: copyMariadb,
};

/**
 * Copies a member's data into the incoming folder, where a server may then start on them as a replica that follows nobody and goes on
 * from where the copy ends.
 *
 * @throws Impossible `CloneUnavailable` where this donor cannot be copied by this member
 */
export async function copyData(request: CopyRequest): Promise<void> {
  const { flavour, donor, progress, signal } = request;
  const copied = await unlessStalled({ what: donor.member, progress, signal }, (noted, limit) =>
    copy[flavour]({ ...request, progress: noted, signal: limit }),
  );
  progress('preparing the copy', null);
  await settleCopy(request, copied);
}
