import { memberName } from '#contract/names.ts';
import { Impossible } from '#database/impossible.ts';
import { attachment } from '#database/postgres/replication/attachment.ts';
import { divergence, type OwnEnd, type UpstreamLog } from '#database/postgres/replication/divergence.ts';
import { awaitReplayed } from '#database/postgres/replication/replay.ts';
import { slotName } from '#database/postgres/replication/slot-name.ts';
import { poll } from '#runtime/poll.ts';
import { positions } from '../../carry-out.ts';
import { NotAttached } from '../../not-attached.ts';
import { requireRole } from '../../require-role.ts';
import { SqlTrouble } from '../../sql-trouble.ts';
import { isForeign, replicationConninfo } from '../conninfo.ts';
import type { PostgresLook } from '../probe-server.ts';
import { type Settings, WATCHFUL } from '../settings.ts';
import type { PostgresHandler, SqlContext } from '../sql-context.ts';

/**
 * Attaches a replica to an upstream. Where the logs differ nothing is changed; where the upstream does not answer the settings
 * are changed all the same, so that the member attaches by itself later. A replica that streams in a way of its
 * administrator's gets that back where ours does not work.
 */
export const follow: PostgresHandler<'follow'> = async ({ upstream }, context) => {
  const { server, signal, member } = context;
  const before = await context.look();
  const isReplica = before.observation.replication.role === 'replica';
  // Before the upstream's: a replica that streams already would be found ahead of what was read a moment ago.
  const own = isReplica ? await ownEnd(before, context) : null;
  const log = await upstreamLog(upstream.member, context);
  if (log !== null) refuseStranger(upstream.member, before, log);
  await requireRole(context, 'replica');
  if (log === null && isForeign(before.facts.conninfo)) {
    throw new SqlTrouble(`${upstream.member} does not answer`);
  }
  if (log !== null) {
    if (own !== null) refuseDiverged(upstream.member, own, log);
    await refuseTooLate(upstream.member, before, context);
    await context.neighbour(memberName(upstream.member)).reserve(member, signal);
  }
  const { rolePasswords } = await server.credentials(signal);
  const account = { member, password: rolePasswords.replication, encrypted: server.tls !== undefined };
  const conninfo = replicationConninfo(upstream.endpoint, account);
  const ours = { primary_conninfo: conninfo, primary_slot_name: slotName(member) };
  try {
    await server.configure({ ...WATCHFUL, ...ours }, signal);
    if (log !== null) await awaitStreaming(upstream.member, log, context);
  } catch (error) {
    const isGivenBack = await giveBack(before, ours, context);
    if (!isGivenBack || !(error instanceof SqlTrouble)) throw error;
    throw new NotAttached(error.message, { cause: error });
  }
  // A copy of a primary comes with its settings: whoever starts or promotes it by hand is not to open it.
  await server.configure({ default_transaction_read_only: 'on', synchronous_standby_names: '' }, signal);
  return await positions(context);
};

const UPSTREAM_MS = 2_000;

/** null: it does not answer. */
async function upstreamLog(upstream: string, { neighbour, signal }: SqlContext): Promise<UpstreamLog | null> {
  try {
    return await neighbour(memberName(upstream)).log(AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_MS)]));
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

function refuseStranger(upstream: string, { observation }: PostgresLook, log: UpstreamLog): void {
  const { systemIdentifier } = observation.replication;
  if (systemIdentifier === log.systemIdentifier) return;
  const both = `system identifier ${systemIdentifier}, not ${log.systemIdentifier}`;
  throw new Impossible('Diverged', `the server is of another repository than ${upstream} (${both})`);
}

function refuseDiverged(upstream: string, own: OwnEnd, log: UpstreamLog): void {
  if (divergence(own, log) !== 'diverged') return;
  throw new Impossible('Diverged', `the log of ${upstream} left that of this server behind`);
}

/** It was away for longer than log is kept for it. */
async function refuseTooLate(
  upstream: string,
  { observation }: PostgresLook,
  { neighbour, signal }: SqlContext,
): Promise<void> {
  const { received } = observation.replication;
  if (await neighbour(memberName(upstream)).hasLogFrom(received, signal)) return;
  throw new Impossible('LogRemoved', `${upstream} has removed the log from ${received} on`);
}

const REPLAY_MS = 3_000;

/** What was received of an unfinished record does not count: the new primary left it out as well. */
async function ownEnd({ observation }: PostgresLook, { server, signal }: SqlContext): Promise<OwnEnd> {
  const { systemIdentifier, timeline, applied } = observation.replication;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(REPLAY_MS)]);
  const replayed = await server
    .use(limit, (admin) => awaitReplayed(admin, limit))
    .catch((error: unknown) => {
      if (!limit.aborted || signal.aborted) throw error;
      return null;
    });
  return { systemIdentifier, timeline, position: replayed ?? applied, exact: replayed !== null };
}

const STREAM_POLL_MS = 50;
const STREAM_MS = 8_000;

async function awaitStreaming(upstream: string, log: UpstreamLog, { signal, look }: SqlContext): Promise<void> {
  const isAttached = attachment(log.position);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)]);
  try {
    await poll(STREAM_POLL_MS, limit, async () => (isAttached((await look()).observation) ? true : null));
  } catch (cause) {
    if (signal.aborted || !limit.aborted) throw cause;
    const advice = 'does pg_hba.conf there let that role in? what does the log of this server say?';
    throw new SqlTrouble(`it does not stream from ${upstream} as imapcluster_replication: ${advice}`, { cause });
  }
}

/** A reload takes milliseconds. Whoever has broken the attempt off, for a failover say, waits for this as well. */
const GIVE_BACK_MS = 2_000;

/**
 * However the attempt has ended, also by its signal: nobody else knows what was found there. Whether it was given back; not
 * where there was nothing, where somebody has set something else since, or where the server does not do it.
 */
async function giveBack({ facts }: PostgresLook, ours: Settings, { server }: SqlContext): Promise<boolean> {
  if (!isForeign(facts.conninfo)) return false;
  const found = { primary_conninfo: facts.conninfo, primary_slot_name: facts.slot };
  try {
    return await server.replace({ from: ours, to: found }, AbortSignal.timeout(GIVE_BACK_MS));
  } catch {
    // Why the attempt has failed is what is told.
    return false;
  }
}
