import type { MemberName } from '#contract/names.ts';
import { observeServer } from '#database/postgres/observe.ts';
import { greetServer } from '#database/postgres/sessions/greet.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';
import type { Look, SqlProbe } from '../engine-server.ts';
import { upstreamIn } from './conninfo.ts';
import { postgresFailure } from './postgres-failure.ts';
import { readNewestTimeline } from './read-log.ts';
import { type PostgresFacts, readFacts } from './server-facts.ts';
import type { SqlServer } from './sql-server.ts';
import { unfit } from './unfit.ts';

export type ProbeContext = {
  readonly member: MemberName;
  readonly database: string;
  readonly members: readonly MemberSpec[];
  /** Highest timeline that the server has shown in that life of it; null where it was not seen in it. */
  readonly knownTimeline: (life: string) => number | null;
  /** Timeline of a member, as last seen; 0 where it was not. */
  readonly timelineOf: (member: MemberName) => number;
};

/** See `EngineServer`. */
export async function probeServer(server: SqlServer, context: ProbeContext, signal: AbortSignal): Promise<SqlProbe> {
  const begin = performance.now();
  const { host, port } = server.endpoint;
  const [greeted, seen] = await Promise.allSettled([greetServer(host, port, signal), lookAt(server, context, signal)]);
  if (greeted.status === 'rejected') return { ok: false, failure: postgresFailure(greeted.reason) };
  if (seen.status === 'rejected') return { ok: false, failure: postgresFailure(seen.reason) };
  return { ok: true, latencyMs: performance.now() - begin, ...seen.value };
}

export type PostgresLook = Look & { readonly facts: PostgresFacts };

/** What the server says of itself. @throws as `SqlServer.use` */
export async function lookAt(server: SqlServer, context: ProbeContext, signal: AbortSignal): Promise<PostgresLook> {
  return await server.use(signal, async (admin) => {
    const facts = await readFacts(admin, context.database);
    const upstream = upstreamIn(facts.conninfo, context.member, context.members);
    const observation = await observeServer(admin, {
      upstream: upstream === null ? null : { member: upstream.name, endpoint: upstream.endpoint },
      knownTimeline: context.knownTimeline(facts.life) ?? (await readNewestTimeline(admin)),
      streamingPid: null,
      upstreamTimeline: upstream === null ? 0 : context.timelineOf(upstream.name),
      hasEpochs: facts.adopted,
    });
    return { facts, observation, unfit: unfit(facts, context.members.length) };
  });
}
