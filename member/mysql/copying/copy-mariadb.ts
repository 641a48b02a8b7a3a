import { mkdir, rm } from 'node:fs/promises';
import { Impossible } from '#database/impossible.ts';
import { requestCopy } from '../../copying/request-copy.ts';
import type { ServedCopy } from '../../engine.ts';
import { type BackupPrograms, backupPrograms } from './backup-programs.ts';
import type { Copied, CopyRequest } from './copy-request.ts';
import { notedPosition, prepare, type Restore, removeNotes, unpack } from './restore-backup.ts';
import { endOfUnlocked, undoPrepared } from './unlocked-copy.ts';

const ACTIVITY = 'cloning by mariadb-backup';
const PREPARING = 'preparing what was cloned by mariadb-backup';

/**
 * The files of a server that goes on meanwhile, as its agent sends them.
 * @throws Impossible `CloneUnavailable`
 */
export async function copyMariadb(request: CopyRequest): Promise<Copied> {
  const { donor, agentUrl, programs } = request;
  const own = await backupPrograms(programs.server);
  if (own === null) throw new Impossible('CloneUnavailable', `there is no mariadb-backup beside ${programs.server}`);
  if (agentUrl === null) {
    throw new Impossible('CloneUnavailable', `the agent of ${donor.member} makes the copy, and is not known`);
  }
  const over = new AbortController();
  try {
    return await receive({ ...request, signal: AbortSignal.any([request.signal, over.signal]) }, { agentUrl, own });
  } finally {
    // Whatever it ended with, nothing more is asked for.
    over.abort();
  }
}

async function receive(
  request: CopyRequest,
  { agentUrl, own }: { readonly agentUrl: string; readonly own: BackupPrograms },
): Promise<Copied> {
  const { donor, passwords, asker, incoming, aside, progress, signal } = request;
  await mkdir(aside, { mode: 0o700 });
  let octets = 0;
  let total: number | null = null;
  const told = (): void => progress(ACTIVITY, total === null ? null : Math.min(octets / total, 1));
  const { cluster, partition, member, token } = asker;
  const source = { donor: donor.member, agentUrl, passwords, token, identity: { cluster, partition, member } };
  const copy = await requestCopy({ ...source, onHeard: told }, signal);
  await refuseOtherSeries(copy, request);
  total = copy.begin.octets;
  const onWork = (): void => progress(PREPARING, null);
  const restore: Restore = { programs: own, incoming, aside, onWork, signal };
  await unpack(copy.pieces, restore, (length) => {
    octets += length;
  });
  onWork();
  await prepare(restore);
  const position = copy.begin.locked ? await notedPosition(incoming) : await endOfUnlocked(request);
  if (!copy.begin.locked) await undoPrepared(request);
  await removeNotes(incoming);
  await rm(aside, { recursive: true });
  return { position };
}

/** Files of another series would have to be upgraded first, which a server does in its own way, and after a shutdown in order. */
async function refuseOtherSeries({ begin }: ServedCopy, { donor, programs }: CopyRequest): Promise<void> {
  const series = (version: string): string => version.split('.').slice(0, 2).join('.');
  const own = await programs.version();
  if (series(begin.serverVersion) === series(own)) return;
  throw new Impossible('CloneUnavailable', `${donor.member} is of ${begin.serverVersion}, and this server of ${own}`);
}
