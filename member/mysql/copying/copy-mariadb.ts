import { mkdir, rm } from 'node:fs/promises';
import { Impossible } from '#database/impossible.ts';
import type { CopyBegin } from '../../copying/copy-api.ts';
import { askBegin, type CopySource, requestCopy } from '../../copying/request-copy.ts';
import { type BackupPrograms, backupPrograms } from './backup-programs.ts';
import type { Copied, CopyQuestion, CopyRequest } from './copy-request.ts';
import { notedPosition, prepare, type Restore, removeNotes, unpack } from './restore-backup.ts';
import { endOfUnlocked, undoPrepared } from './unlocked-copy.ts';

const ACTIVITY = 'cloning by mariadb-backup';
const PREPARING = 'preparing what was cloned by mariadb-backup';

/**
 * The files of a server that goes on meanwhile, as its agent sends them.
 * @throws Impossible `CloneUnavailable`
 */
export async function copyMariadb(request: CopyRequest): Promise<Copied> {
  const means = await meansOf(request);
  const over = new AbortController();
  try {
    return await receive({ ...request, signal: AbortSignal.any([request.signal, over.signal]) }, means);
  } finally {
    // Whatever it ended with, nothing more is asked for.
    over.abort();
  }
}

/** Asks whether there is such a copy to be had. @throws Impossible `CloneUnavailable` */
export async function requireBackup(question: CopyQuestion): Promise<void> {
  const { agentUrl } = await meansOf(question);
  const begin = await askBegin({ ...sourceOf(question, agentUrl), onHeard: () => undefined }, question.signal);
  await refuseOtherSeries(begin, question);
}

type Means = { readonly agentUrl: string; readonly own: BackupPrograms };

async function meansOf({ donor, agentUrl, programs }: CopyQuestion): Promise<Means> {
  const own = await backupPrograms(programs.server);
  if (own === null) throw new Impossible('CloneUnavailable', `there is no mariadb-backup beside ${programs.server}`);
  if (agentUrl === null) {
    throw new Impossible('CloneUnavailable', `the agent of ${donor.member} makes the copy, and is not known`);
  }
  return { agentUrl, own };
}

function sourceOf({ donor, passwords, asker }: CopyQuestion, agentUrl: string): Omit<CopySource, 'onHeard'> {
  const { cluster, partition, member, token } = asker;
  return { donor: donor.member, agentUrl, passwords, token, identity: { cluster, partition, member } };
}

async function receive(request: CopyRequest, { agentUrl, own }: Means): Promise<Copied> {
  const { incoming, aside, progress, signal } = request;
  await mkdir(aside, { mode: 0o700 });
  let octets = 0;
  let total: number | null = null;
  const told = (): void => progress(ACTIVITY, total === null ? null : Math.min(octets / total, 1));
  const copy = await requestCopy({ ...sourceOf(request, agentUrl), onHeard: told }, signal);
  await refuseOtherSeries(copy.begin, request);
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
async function refuseOtherSeries({ serverVersion }: CopyBegin, { donor, programs }: CopyQuestion): Promise<void> {
  if (await programs.areOfSeries(serverVersion)) return;
  const own = await programs.version();
  throw new Impossible('CloneUnavailable', `${donor.member} is of ${serverVersion}, and this server of ${own}`);
}
