import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { observeServer, type Standby } from '#database/mysql/observe.ts';
import type { UpstreamSilence } from '#database/mysql/replication/upstream-silence.ts';
import { rebuildFor } from '#database/mysql/replication/verdict.ts';
import { enterRepository } from '#database/mysql/sessions/enter-repository.ts';
import { greetServer } from '#database/mysql/sessions/greet.ts';
import type { Observation } from '#database/observation.ts';
import type { MemberSpec } from '../../../../partition/partition-spec.ts';
import type { Look, SqlProbe, Unfit } from '../../engine-server.ts';
import { mayLackAcknowledged } from '../level.ts';
import { mysqlFailure } from '../mysql-failure.ts';
import type { MysqlSessions } from '../sessions.ts';
import { type MysqlFacts, readFacts } from './facts.ts';
import { upstreamOf } from './way.ts';

export type MysqlLook = Look & { readonly facts: MysqlFacts };

export type LookContext = {
  readonly members: readonly MemberSpec[];
  readonly silence: UpstreamSilence;
  /** As last seen. */
  readonly mayGreet: boolean;
  readonly standbyName: (standby: Standby) => string;
  /** Looks closer, now and then. @throws NotFit */
  readonly judge: (connection: MysqlConnection) => Promise<void>;
  /** `standbys`: who is sent its log, by name. */
  readonly unfit: (facts: MysqlFacts, standbys: readonly string[]) => Unfit | null;
};

/** See `EngineServer`. */
export async function probe(sessions: MysqlSessions, context: LookContext, signal: AbortSignal): Promise<SqlProbe> {
  const begin = performance.now();
  const { host, port } = sessions.endpoint;
  // A session that is made anew tells of both by itself.
  if (!context.mayGreet) sessions.forgetWatching();
  const [greeted, seen] = await Promise.allSettled([
    context.mayGreet ? greetServer(host, port, signal) : null,
    lookAt(sessions, context, signal),
  ]);
  if (greeted.status === 'rejected') return { ok: false, failure: mysqlFailure(greeted.reason) };
  if (seen.status === 'rejected') return { ok: false, failure: mysqlFailure(seen.reason) };
  return { ok: true, latencyMs: performance.now() - begin, ...seen.value };
}

/** Greetings without a sign-in are counted, by some servers, until nobody gets in from here (`max_connect_errors`); at ten a second this takes years. */
const MANY_ERRORS = 2 ** 31;

/** Not before it was seen that they do no harm. */
export const mayGreet = (seen: Pick<MysqlFacts, 'settings'> | undefined): boolean =>
  Number(seen?.settings.max_connect_errors ?? 0) >= MANY_ERRORS;

export function lookAt(sessions: MysqlSessions, context: LookContext, signal: AbortSignal): Promise<MysqlLook> {
  return sessions.watch(signal, async (connection) => {
    await context.judge(connection);
    const adopted = await enterRepository(connection, sessions.database);
    const facts = await readFacts(connection, adopted);
    const upstream = upstreamOf(facts, context.members);
    const observation = await observeServer(connection, {
      role: null,
      upstream: upstream === null ? null : { member: upstream.name, endpoint: upstream.endpoint },
      synchronous: facts.noted,
      silence: context.silence,
      retainedBytes: null,
      hasEpochs: adopted,
      standbyName: context.standbyName,
    });
    const { replication } = observation;
    const lacking = mayLackAcknowledged(facts) ? { ...replication, mayLack: true as const } : replication;
    const standbys = replication.standbys.map(({ member }) => member);
    return {
      facts,
      observation: { ...observation, replication: lacking, rebuild: rebuildOf(facts) },
      unfit: context.unfit(facts, standbys),
    };
  });
}

function rebuildOf({ upstream }: MysqlFacts): NonNullable<Observation['rebuild']> | null {
  const failures = [upstream?.receiverFailure ?? null, upstream?.applierFailure ?? null];
  return failures.map((failure) => failure && rebuildFor(failure)).find((reason) => reason !== null) ?? null;
}
