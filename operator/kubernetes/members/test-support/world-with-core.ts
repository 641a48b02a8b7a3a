import { expect } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { MemberInput } from '../../../partition/objects/member-input.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';
import type { PartitionView } from '../../../partition/partition-view.ts';
import { SIMULATED, SimulatedCluster } from '../../../test-support/simulated-cluster.ts';
import type { MembersInput } from '../members-input.ts';
import type { MembersPlan } from '../plan/members-plan.ts';
import { planMembers } from '../plan/plan-members.ts';
import { isLeaving } from '../pod-state.ts';
import { ModelCluster } from './model-cluster.ts';
import { tell } from './model-world.ts';

const MOST = 9;
const ROUND_MS = 500;
const QUIET_MS = 5_000;
const REPLACE_AFTER_MS = 20_000;

/** The simulation calls its servers a0, a1 …; a partition its members after itself. */
const toMembers = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(/"a(\d)"/g, '"users-a-$1"'));
const toServer = (member: string): string => `a${member.slice(-1)}`;

/** By number; a newcomer in parentheses. */
const inWords = (members: readonly MemberSpec[]): string =>
  members.map(({ name, newcomer }) => (newcomer === true ? `(${name.slice(1)})` : name.slice(1))).join(' ');

/** The real core in virtual time, over models of servers and of Kubernetes, with the plan for the members between them. */
export class WorldWithCore {
  readonly kube: ModelCluster;
  readonly core = new SimulatedCluster({ members: MOST });
  plan: MembersPlan | null = null;
  readonly #story: string[] = [];
  readonly #volumes = new Map<string, string>();
  readonly #offset: number;
  #roundAt = 0;

  private constructor(build: MemberInput) {
    this.kube = new ModelCluster(build, ['n0', 'n1', 'n2', 'n3', 'n4', 'n5']);
    this.#offset = this.kube.now - this.core.clock.now();
    for (const server of this.core.servers) server.agentUp = false;
    this.kube.lingers = (name) => this.core.server(toServer(name)).agentUp;
  }

  /** A partition that has been made, and is well. */
  static async start(build: MemberInput): Promise<WorldWithCore> {
    const world = new WorldWithCore(build);
    world.#look(null);
    await world.core.start();
    await world.settled();
    world.story();
    return world;
  }

  async until(holds: () => boolean, ms = 300_000): Promise<boolean> {
    return await this.core.until(() => {
      const now = this.core.clock.now();
      this.kube.now = now + this.#offset;
      if (now - this.#roundAt >= ROUND_MS) {
        this.#roundAt = now;
        this.#round();
        this.core.write();
      }
      return holds();
    }, ms);
  }

  /** Nothing is left to do for some time, and nothing acknowledged is lost. */
  async settled(): Promise<void> {
    let since = Number.POSITIVE_INFINITY;
    const end = await this.until(() => {
      const { now } = this.kube;
      since = this.#isQuiet() ? Math.min(since, now) : Number.POSITIVE_INFINITY;
      return now - since > QUIET_MS;
    });
    const { record } = this.core;
    expect(end, JSON.stringify([this.#story, this.plan?.conditions, record.phase, record.rejoining], null, 1)).toBe(
      true,
    );
    expect(this.core.lost()).toEqual([]);
  }

  nodeOf(member: string): string {
    return this.kube.pods.get(member)?.spec?.nodeName ?? '';
  }

  /** What was done since the last call, labels aside, and whom the core was told of. */
  story(): readonly string[] {
    return this.#story.splice(0);
  }

  #isQuiet(): boolean {
    const { plan } = this;
    const isDone = plan?.actions.length === 0 && plan.conditions.every(({ status }) => status === 'True');
    return isDone && this.core.record.phase === 'Healthy';
  }

  #look(view: PartitionView | null): MembersPlan {
    const plan = planMembers(this.#input(view));
    const members = plan.members.map(({ name, newcomer }) => ({
      name: memberName(toServer(name)),
      endpoint: { host: toServer(name), port: 5432 },
      agentUrl: `http://${toServer(name)}`,
      newcomer,
    }));
    const told = this.core.spec.partitions[0]?.members ?? [];
    this.plan = plan;
    if (inWords(members) === inWords(told)) return plan;
    this.core.change({ members });
    this.#story.push(`members ${inWords(members)}`);
    if (view !== null) void this.core.operator.apply(this.core.spec);
    return plan;
  }

  #round(): void {
    const plan = this.#look(this.core.operator.status()[0] ?? null);
    for (const action of plan.actions) {
      if (action.kind === 'switchover') {
        void this.core.operator.requestSwitchover(SIMULATED, memberName(toServer(action.to)));
      } else if (!this.kube.act(action)) break;
      if (action.kind !== 'label') this.#story.push(tell(action));
    }
    this.kube.tick(0);
    for (const server of this.core.servers) this.#follow(server);
  }

  /** A server runs as its pod does, on what is on its volume. */
  #follow(server: SimulatedCluster['servers'][number]): void {
    const name = `users-a-${server.name.slice(1)}`;
    const uid = this.kube.volumes.get(name)?.metadata.uid ?? '';
    if (this.#volumes.get(name) !== uid) {
      this.#volumes.set(name, uid);
      Object.assign(server, { state: 'empty', log: [], role: 'primary', upstream: null, highestEpoch: 0, fence: null });
    }
    const isUp = this.kube.isAnswering(name);
    if (server.agentUp && !isUp) server.kill();
    if (!server.agentUp && isUp) server.heal();
    server.agentUp = isUp;
    const pod = this.kube.pods.get(name);
    if (isUp && pod !== undefined && isLeaving(pod)) server.leave();
  }

  #input(view: PartitionView | null): MembersInput {
    return {
      build: this.kube.build,
      record: view === null || view.record.epoch === 0 ? null : toMembers(view.record),
      sightings: toMembers(view?.members ?? []),
      pods: [...this.kube.pods.values()],
      volumes: [...this.kube.volumes.values()],
      nodes: [...this.kube.nodes.values()],
      before: this.plan?.members ?? [],
      refusals: new Map(),
      replaceLostAfterMs: REPLACE_AFTER_MS,
      rollsUpgrades: false,
      now: this.kube.now,
    };
  }
}
