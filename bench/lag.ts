import { type Engine, productName } from '#database/engine.ts';
import { QUORUM } from '#demo/cast.ts';
import { agentOf } from '#demo/databases/agent-of.ts';
import { waitFor } from '#demo/wait-for.ts';
import { within } from '#runtime/deadline.ts';
import { type Bench, type BenchContext, type Figure, promised, quantile } from './bench.ts';
import { type BenchCluster, withBenchCluster } from './bench-cluster.ts';
import { type Followed, followMarks } from './lag/follow-marks.ts';
import { lagsOf } from './lag/lags-of.ts';
import { type MarkSession, openMarks } from './lag/marks.ts';
import { untilWhole } from './until-whole.ts';

const ENGINES = ['postgresql', 'mariadb', 'mysql'] as const satisfies readonly Engine[];
const WRITERS = 8;
const PROMISE_MS = 20;
/** What is told of PostgreSQL is there to compare with. */
const promisedOf: ReadonlySet<Engine> = new Set(['mariadb', 'mysql']);
/** Of the 22 s that it takes, and of replicas that are far behind. */
const LIMIT_MS = 120_000;
const TABLE_LIMIT_MS = 20_000;
const NINETY_NINE = 0.99;

/**
 * Three members, in Quorum. Eight users append small messages to their own mailboxes, over IMAP, as fast as they can. A session of the
 * admin account on the primary inserts a row every 10 ms into a table outside of mail, which waits for its turn in replication as mail
 * does; both replicas are asked for the newest row every millisecond. All times are the servers' own, on one machine: one clock. The
 * time between two looks is told too, for by so much a figure may be too large.
 */
export const lag: Bench = {
  name: 'lag',
  about: `how far replicas are behind while ${WRITERS} clients append small messages, on each engine`,
  takesEngine: true,
  async run(context) {
    const figures: Figure[] = [];
    for (const engine of context.engine === undefined ? ENGINES : [context.engine])
      figures.push(...figuresOf(engine, await measureOn(engine, context)));
    return figures;
  },
};

function measureOn(engine: Engine, context: BenchContext): Promise<Followed> {
  return withBenchCluster({ ...context, engine, users: WRITERS }, async (bench) => {
    await untilWhole(bench.cluster, context.signal);
    await using remains = new AsyncDisposableStack();
    const writers = await Promise.all(bench.users.map((user) => bench.signInAs(user)));
    for (const writer of writers) remains.defer(() => writer.close());
    const { primary, replicas } = await openMembers(bench, remains);
    await primary.prepare();
    for (const replica of replicas) await untilReadable(replica, context.signal);
    context.progress(`${productName[engine]}: ${WRITERS} writers, ${replicas.length} replicas`);
    const followed = followMarks({ primary, replicas, writers }, context.signal);
    return await within(LIMIT_MS, 'every row on every replica', followed);
  });
}

type Members = { readonly primary: MarkSession; readonly replicas: readonly MarkSession[] };

async function openMembers({ cluster }: BenchCluster, remains: AsyncDisposableStack): Promise<Members> {
  const { primary, members } = await cluster.status(QUORUM);
  if (primary === null) throw new Error(`${QUORUM} has no primary`);
  const open = async (member: string): Promise<MarkSession> => {
    const session = await openMarks(await agentOf(cluster.stateDirectory, member));
    remains.defer(() => session.close());
    return session;
  };
  const others = members.map(({ name }) => name).filter((name) => name !== primary);
  return { primary: await open(primary), replicas: await Promise.all(others.map(open)) };
}

/** The table comes by replication, as its rows do. */
async function untilReadable(replica: MarkSession, signal: AbortSignal): Promise<void> {
  let refusal = '';
  const look = (): Promise<true | null> =>
    replica.look().then(
      () => true,
      (error: Error) => {
        refusal = error.message;
        return null;
      },
    );
  await waitFor(look, { what: 'the table on a replica', withinMs: TABLE_LIMIT_MS, signal, why: async () => refusal });
}

function figuresOf(engine: Engine, { marks, looks, appendsPerSecond }: Followed): readonly Figure[] {
  const lags = looks.flatMap((ofReplica) => lagsOf(marks, ofReplica));
  const behind = lags.map(({ behindMs }) => behindMs);
  const sinceBegun = lags.map(({ sinceBegunMs }) => sinceBegunMs);
  const between = looks.flatMap((ofReplica) => ofReplica.slice(1).map(({ at }, i) => at - (ofReplica[i]?.at ?? at)));
  const product = productName[engine];
  const slowest = { what: `${product}: acknowledged → seen on a replica, 99 of 100`, unit: 'ms' };
  const value = quantile(behind, NINETY_NINE);
  return [
    { what: `${product}: acknowledged → seen on a replica, median`, value: quantile(behind, 0.5), unit: 'ms' },
    promisedOf.has(engine) ? promised({ ...slowest, value, atMost: PROMISE_MS }) : { ...slowest, value },
    { what: `${product}: INSERT begun → seen, median`, value: quantile(sinceBegun, 0.5), unit: 'ms' },
    { what: `${product}: INSERT begun → seen, 99 of 100`, value: quantile(sinceBegun, NINETY_NINE), unit: 'ms' },
    { what: `${product}: between two looks, 99 of 100`, value: quantile(between, NINETY_NINE), unit: 'ms' },
    { what: `${product}: messages appended meanwhile`, value: appendsPerSecond, unit: '1/s' },
  ];
}
