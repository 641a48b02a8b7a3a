import { memberName } from '#contract/names.ts';
import { Impossible } from '#database/impossible.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { ServerError } from '#database/mysql/connection/server-error.ts';
import { attachment } from '#database/mysql/replication/attachment.ts';
import { compareLogs, readEnd, type Upstream } from '#database/mysql/replication/compare.ts';
import { errantOf } from '#database/mysql/replication/errant.ts';
import { requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { setDoor } from '#database/mysql/sessions/door.ts';
import { makeReadOnly } from '#database/mysql/sessions/read-only.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { roles } from '#database/roles.ts';
import { poll } from '#runtime/poll.ts';
import { positions, type SqlHandler } from '../../carry-out.ts';
import { NotAttached } from '../../not-attached.ts';
import { requireEpoch } from '../../require-role.ts';
import { SqlTrouble } from '../../sql-trouble.ts';
import { attachTo } from '../attach-to.ts';
import type { MysqlContext, MysqlHandler } from '../context.ts';
import { isLevelSince, noteLevel, noteReceiving } from '../level.ts';
import type { MysqlFacts } from '../looks/facts.ts';
import type { MysqlLook } from '../looks/look.ts';
import { isForeign } from '../looks/way.ts';
import { applySettings, closeAtStart, WATCHFUL } from '../settings.ts';
import { COMMIT_WAITS, shut } from '../shut.ts';

type Upstreamed = Parameters<SqlHandler<'follow', never>>[0]['upstream'];

/**
 * Attaches a server to an upstream, where its log is a beginning of the upstream's. That holds for an old primary too, one that has
 * lost nothing: it needs no rebuilding. Where the logs differ, or nobody can compare them, nothing is changed.
 */
export const follow: MysqlHandler<'follow'> = async ({ upstream }, context) => {
  const { sessions, signal } = context;
  const before = await requireEpoch(context);
  const isReplica = before.observation.replication.role === 'replica';
  if (isForeign(before.facts)) await mayWeSignIn(upstream, context);
  let log = await comparedLog(before, upstream, context);
  await sessions.change(signal, async (pair) => {
    const { watcher } = pair;
    if (!isReplica) {
      await shutForGood(pair, signal);
      log = await comparedLog(before, upstream, context);
    }
    await applySettings(watcher, WATCHFUL[before.facts.flavour]);
    await closeAtStart(watcher);
    // Nobody waits there any more; and one that waited for replicas of its own would not get on with what it has received.
    await requireAcknowledgements(watcher, 0);
    if (isFollowing(before.facts, upstream)) return;
    await noteReceiving(watcher, before.facts);
    await attachTo(pair, { upstream: upstream.endpoint, sessions }, signal);
  });
  await awaitStreaming({ upstream: upstream.member, log, wasForeign: isForeign(before.facts) }, context);
  const after = await context.look();
  await sessions.change(signal, async (pair) => {
    await letRead(pair);
    if (isLevelSince(before.facts, after, log.position)) await noteLevel(pair.watcher, after.facts.life);
  });
  return await positions(context);
};

/** In our way, with all that belongs to it. */
const isFollowing = ({ upstream, isAcknowledging }: MysqlFacts, { endpoint }: Upstreamed): boolean =>
  upstream?.user === roles.replication &&
  upstream.upstream.host === endpoint.host &&
  upstream.upstream.port === endpoint.port &&
  upstream.receiver === 'receiving' &&
  upstream.isApplying &&
  isAcknowledging;

/** An old primary: whatever it took goes into its log, before that is compared. */
async function shutForGood(pair: SessionPair, signal: AbortSignal): Promise<void> {
  if ((await shut(pair, signal)) === 'ended') return;
  throw new SqlTrouble(COMMIT_WAITS);
}

/** Mail may read on a replica, once nobody can write. */
async function letRead(pair: SessionPair): Promise<void> {
  if (!(await makeReadOnly(pair, { writers: 'nobody' }))) throw new SqlTrouble('something is being committed there');
  await setDoor(pair.watcher, [roles.replication, roles.salvage, roles.mail]);
}

const UPSTREAM_MS = 2_000;
const REPLAY_MS = 3_000;

/** @throws Impossible `Diverged` or `LogRemoved`; SqlTrouble where the upstream does not answer */
async function comparedLog(
  { observation }: MysqlLook,
  { member }: Upstreamed,
  { sessions, signal, logOf }: MysqlContext,
): Promise<Upstream> {
  // Before the upstream's: a replica that streams already would be found ahead of what was read a moment ago.
  const own = await sessions.use(signal, (admin) =>
    readEnd(admin, sessions.database, AbortSignal.any([signal, AbortSignal.timeout(REPLAY_MS)])),
  );
  const log = await logOf(memberName(member), AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_MS)])).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      throw new SqlTrouble(`${member} does not answer`, { cause });
    },
  );
  // A replica of a repository that was taken over has not come to the first stamp yet.
  const isYoung = observation.replication.role === 'replica' && own.systemIdentifier === '';
  const compared = isYoung ? { ...own, systemIdentifier: log.systemIdentifier } : own;
  const verdict = compareLogs(compared, log);
  if (verdict === 'diverged') {
    const errant = errantOf(compared, log);
    const what = errant === null ? `${own.position} is no part of the log of ${member}` : `${member} lacks ${errant}`;
    throw new Impossible('Diverged', what);
  }
  if (verdict === 'logRemoved') {
    throw new Impossible('LogRemoved', `${member} has removed the log from ${own.position} on`);
  }
  return log;
}

/** What works is not given up before somebody was let in there by our account. From where the server itself is nobody can try. */
async function mayWeSignIn({ member, endpoint }: Upstreamed, { sessions, signal }: MysqlContext): Promise<void> {
  const { rolePasswords } = await sessions.credentials(signal);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(UPSTREAM_MS)]);
  const account = { user: roles.replication, password: rolePasswords.replication };
  try {
    const session = await openConnection({ endpoint, tls: sessions.tls, ...account, role: 'monitor', signal: limit });
    session.abandon();
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof ServerError)) throw new SqlTrouble(`${member} does not answer`, { cause });
    throw new NotAttached(`${member} does not let ${roles.replication} in: ${cause.message}`, { cause });
  }
}

const STREAM_POLL_MS = 50;
const STREAM_MS = 8_000;

type Awaited = { readonly upstream: string; readonly log: Upstream; readonly wasForeign: boolean };

async function awaitStreaming({ upstream, log, wasForeign }: Awaited, { signal, look }: MysqlContext): Promise<void> {
  const isAttached = attachment(log.position);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)]);
  let said = '';
  try {
    await poll(STREAM_POLL_MS, limit, async () => {
      const { facts, observation } = await look();
      const { rebuild = null } = observation;
      said = facts.upstream?.receiverFailure?.message ?? '';
      if (rebuild !== null)
        throw new Impossible(rebuild, said === '' ? (facts.upstream?.applierFailure?.message ?? '') : said);
      return isAttached(observation) ? true : null;
    });
  } catch (cause) {
    if (signal.aborted || !limit.aborted) throw cause;
    const words = said === '' ? 'does one get there from that server?' : said;
    const message = `it does not stream from ${upstream} as ${roles.replication}: ${words}`;
    throw wasForeign ? new NotAttached(message, { cause }) : new SqlTrouble(message, { cause });
  }
}
