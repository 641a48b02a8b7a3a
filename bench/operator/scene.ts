import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { waitFor } from '#demo/wait-for.ts';
import { type AuditEvent, isWrite, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import type { ApiClient } from '#operator/kubernetes/api/api-client.ts';
import { mailboxPartitions } from '#operator/kubernetes/api/resource.ts';
import { connect } from '#operator/kubernetes/test-support/connect.ts';
import { listAll } from '#operator/kubernetes/watch/list-all.ts';
import type { BenchContext } from '../bench.ts';
import { OperatorUnderTest } from './operator-under-test.ts';
import { seed } from './seed.ts';
import { Simulator } from './simulator.ts';
import { type Shape, type World, worldOf } from './world.ts';

/** Who it is in the audit log. */
const OPERATOR = 'operator';
/** For objects of a thousand partitions, on a machine that others use too. */
const WHOLE_MS = 240_000;

/** An API server, everybody who is simulated, and the operator, all at work. */
export class Scene implements AsyncDisposable {
  readonly world: World;
  readonly simulator: Simulator;
  readonly operator: OperatorUnderTest;
  readonly client: ApiClient;
  /** From the start of the operator until everything is as it should be. */
  readonly wholeMs: number;
  readonly #server: ApiServerWithCrds;
  readonly #remains: AsyncDisposableStack;

  private constructor(parts: Omit<Parts, 'context'> & { readonly wholeMs: number; readonly world: World }) {
    this.world = parts.world;
    this.simulator = parts.simulator;
    this.operator = parts.operator;
    this.client = parts.client;
    this.wholeMs = parts.wholeMs;
    this.#server = parts.server;
    this.#remains = parts.remains;
  }

  /** Returns when every partition is healthy and every imapd obeys a document. */
  static async open(shape: Shape, context: BenchContext): Promise<Scene> {
    await using remains = new AsyncDisposableStack();
    const world = worldOf(shape);
    const server = remains.use(await startApiServerWithCrds());
    const simulator = remains.use(await Simulator.start(world));
    const client = connect(server.server.kubeconfig);
    const begun = performance.now();
    await seed(client, world);
    context.progress(`the objects of ${shape.partitions} partitions took ${seconds(performance.now() - begun)} s`);
    const kubeconfig = await server.server.kubeconfigFor({ name: OPERATOR, groups: ['system:masters'] });
    const from = performance.now();
    const operator = remains.use(await OperatorUnderTest.start(kubeconfig));
    const parts: Parts = { context, server, simulator, operator, client, remains };
    await untilWhole(parts, shape);
    const wholeMs = performance.now() - from;
    return new Scene({ ...parts, world, wholeMs, remains: remains.move() });
  }

  /** What the operator asked to be changed since a moment, besides the Lease. */
  async writes(since: Date): Promise<readonly AuditEvent[]> {
    const log = await readAuditLog(this.#server.server.auditLog);
    return log.filter(
      (event) =>
        event.user.username === OPERATOR &&
        isWrite(event) &&
        event.objectRef?.resource !== 'leases' &&
        event.requestReceivedTimestamp > since.toISOString(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remains[Symbol.asyncDispose]();
  }
}

type Parts = {
  readonly context: BenchContext;
  readonly server: ApiServerWithCrds;
  readonly simulator: Simulator;
  readonly operator: OperatorUnderTest;
  readonly client: ApiClient;
  readonly remains: AsyncDisposableStack;
};

/** Asked for at every look, so not often: of a thousand objects it is a load of its own. */
const EVERY_MS = 1_000;

export async function untilWhole(
  { context, simulator, operator, client }: Omit<Parts, 'server' | 'remains'>,
  shape: Shape,
): Promise<void> {
  const { signal, progress } = context;
  let seen = '';
  const look = async (): Promise<true | null> => {
    if (!operator.running) throw new Error(`the operator has ended: ${await operator.lastWords()}`);
    const { followed, told, whole } = await simulator.look();
    const isSeen = followed === shape.partitions && told === shape.pods && whole === shape.partitions;
    const healthy = isSeen ? await healthyPartitions(client, signal) : 0;
    const text = `${followed} partitions followed, ${whole} whole, ${healthy} healthy; ${told} imapd told`;
    if (text !== seen) progress(text);
    seen = text;
    return healthy === shape.partitions ? true : null;
  };
  const why = async (): Promise<string> => `${seen}; ${await operator.lastWords()}`;
  await waitFor(look, { what: 'all is whole', withinMs: WHOLE_MS, everyMs: EVERY_MS, signal, why });
}

async function healthyPartitions(client: ApiClient, signal: AbortSignal): Promise<number> {
  const { items } = await listAll(client, mailboxPartitions, { signal });
  return items.filter(({ status }) => status?.phase === 'Healthy').length;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(0);
