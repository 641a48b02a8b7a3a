import { memberName } from '#contract/names.ts';
import { type Engine, productName } from '#database/engine.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import type { Ports } from '#operator/ports.ts';
import { PARTITION, START_MS, startCluster, type TestCluster } from '#operator/test-support/start-cluster.ts';
import type { TestWriter } from '#operator/test-support/test-writer.ts';
import { type Bench, type BenchContext, type Figure, promised, quantile } from './bench.ts';
import { Spans } from './switchover/spans.ts';

const PROMISE_MS = 500;
const NINE_OF_TEN = 0.8999;
/** Acknowledged before and after each change. */
const WRITES = 30;
const SERVERS: Readonly<Record<Engine, EngineUnderTest>> = {
  postgresql: 'postgresql',
  mariadb: 'mariadb-10.11',
  mysql: 'mysql-9.7',
};

/**
 * Planned changes of the primary, one after the other, under one writer: when each step, command and record began and ended, counted
 * from the last write that the old primary acknowledged. Real agents and servers, three members, the operator in this process; the
 * records are in memory, so what an API server takes comes on top.
 */
export const switchover: Bench = {
  name: 'switchover',
  about: 'a planned change of the primary, step by step → no acknowledged write for how long',
  takesEngine: true,
  async run(context) {
    const { engine = 'postgresql' } = context;
    const spans = new Spans();
    await using cluster = await startCluster({
      members: 3,
      engine: SERVERS[engine],
      watch: (ports) => watched(ports, spans),
    });
    const writer = cluster.write();
    await writer.progress(WRITES);
    const pauses: number[] = [];
    for (let run = 1; run <= context.runs && !context.signal.aborted; run += 1) {
      pauses.push(await changeOnce(cluster, { writer, spans, context, run }));
    }
    return figuresOf(productName[engine], pauses);
  },
};

type Change = {
  readonly writer: TestWriter;
  readonly spans: Spans;
  readonly context: BenchContext;
  readonly run: number;
};

/** @returns the longest time without an acknowledged write, milliseconds */
async function changeOnce(cluster: TestCluster, { writer, spans, context, run }: Change): Promise<number> {
  await cluster.healthy(START_MS);
  await writer.progress(WRITES);
  const old = cluster.primary().name;
  const members = cluster.members.members.map(({ name }) => name);
  const to = members[(members.indexOf(old) + 1) % members.length] ?? old;
  spans.clear();
  const before = writer.acknowledged.length;
  const outcome = await cluster.operator.requestSwitchover(PARTITION, memberName(to));
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  await writer.progress(WRITES);
  const [last, first] = gapIn(writer.acknowledged.slice(before - 1).map(({ at }) => at));
  const took = first - last;
  const { phases } = cluster.record.lastChange ?? { phases: {} };
  context.progress(`${run}/${context.runs}: ${old} → ${to}: ${Math.round(took)} ms without a write`);
  context.progress(
    `  ${Object.entries(phases)
      .map(([step, ms]) => `${step} ${ms}`)
      .join(', ')}`,
  );
  for (const line of spans.between(last, first)) context.progress(`  ${line}`);
  return took;
}

/** The longest pause: its two ends. */
function gapIn(times: readonly number[]): readonly [number, number] {
  let gap: readonly [number, number] = [times[0] ?? 0, times[0] ?? 0];
  for (const [index, at] of times.entries()) {
    const before = times[index - 1] ?? at;
    if (at - before > gap[1] - gap[0]) gap = [before, at];
  }
  return gap;
}

/** Notes what goes through the ports, and changes nothing about it. */
function watched(ports: Ports, spans: Spans): Ports {
  const { members, records, routing, podApi } = ports;
  return {
    ...ports,
    members: {
      send: (request) => spans.note(`${request.member} ${request.command.kind}`, members.send(request)),
      observe: (partition) => members.observe(partition),
      onChange: (listener) => members.onChange(listener),
    },
    records: {
      ...records,
      save: (...save) => spans.note(`record ${save[1].operation?.step ?? ''}`, records.save(...save)),
    },
    routing: { ...routing, save: (stored) => spans.note(`document ${stored.document.version}`, routing.save(stored)) },
    podApi: { ...podApi, push: (...push) => spans.note(`push to ${push[0].name}`, podApi.push(...push)) },
  };
}

function figuresOf(product: string, pauses: readonly number[]): readonly Figure[] {
  const what = `${product}: switchover, one writer → without an acknowledged write`;
  return [
    { what: `${what}, median`, value: quantile(pauses, 0.5), unit: 'ms' },
    promised({ what: `${what}, 9 of 10`, value: quantile(pauses, NINE_OF_TEN), unit: 'ms', atMost: PROMISE_MS }),
    { what: `${what}, worst`, value: Math.max(...pauses), unit: 'ms' },
  ];
}
