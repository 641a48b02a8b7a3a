import { partitionName } from '#contract/names.ts';
import { stockImage } from '../../../partition/objects/database-image.ts';
import type { MemberInput } from '../../../partition/objects/member-input.ts';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import type { MembersInput } from '../members-input.ts';
import type { MemberAction, MembersPlan } from '../plan/members-plan.ts';
import { planMembers } from '../plan/plan-members.ts';
import { ModelCluster } from './model-cluster.ts';
import { ModelCore } from './model-core.ts';

export const REPLACE_AFTER_MS = 600_000;
const PARTITION = partitionName('users-a');

/** Kubernetes, the core and what is planned between them, as models: turn by turn, without a clock. */
export class ModelWorld {
  readonly cluster: ModelCluster;
  readonly core: ModelCore;
  plan: MembersPlan | null = null;
  readonly done: MemberAction[] = [];
  rollsUpgrades = false;
  /** Called before each action is done. */
  watch: (action: MemberAction, input: MembersInput) => void = () => undefined;
  #seen: Pick<MembersInput, 'pods' | 'volumes' | 'nodes'> | null = null;

  constructor(build: MemberInput, nodes: readonly string[] = ['n0', 'n1', 'n2', 'n3']) {
    this.cluster = new ModelCluster(build, nodes);
    this.core = new ModelCore(this.cluster);
  }

  get partition(): typeof PARTITION {
    return PARTITION;
  }

  input(): MembersInput {
    const { cluster, core } = this;
    return {
      build: cluster.build,
      record: core.record.epoch === 0 ? null : core.record,
      sightings: core.sightings(),
      pods: [...cluster.pods.values()],
      volumes: [...cluster.volumes.values()],
      nodes: [...cluster.nodes.values()],
      before: this.plan?.members ?? [],
      refusals: new Map(),
      replaceLostAfterMs: REPLACE_AFTER_MS,
      rollsUpgrades: this.rollsUpgrades,
      now: cluster.now,
    };
  }

  /** One round: a plan, its actions, and what the others make of them. `stale`: by the objects of the round before. */
  round({ stale = false, ms = 1_000 }: { stale?: boolean; ms?: number } = {}): MembersPlan {
    const current = this.input();
    const { pods, volumes, nodes } = current;
    const input = stale && this.#seen !== null ? { ...current, ...this.#seen } : current;
    this.#seen = { pods, volumes, nodes };
    const plan = planMembers(input);
    this.plan = plan;
    this.core.spec = plan.members.map(({ name }) => name);
    for (const action of plan.actions) {
      this.watch(action, input);
      if (action.kind === 'switchover') this.core.switchOver(action.to);
      else if (!this.cluster.act(action)) break;
      this.done.push(action);
    }
    this.cluster.tick(ms);
    this.core.turn();
    return plan;
  }

  rounds(count: number, ms?: number): void {
    for (let round = 0; round < count; round += 1) this.round(ms === undefined ? {} : { ms });
  }

  /** Until nothing is planned any more; how many rounds that took, or null where it takes too many. */
  settle(limit = 100): number | null {
    for (let round = 0; round < limit; round += 1) {
      const { actions, conditions } = this.round();
      if (actions.length === 0 && conditions.every(({ status }) => status === 'True')) return round;
    }
    return null;
  }

  /** Kinds and names of what was done since the last call. */
  story(): readonly string[] {
    return this.done.splice(0).map(tell);
  }
}

export function tell(action: MemberAction): string {
  switch (action.kind) {
    case 'label':
      return `label ${action.pod.metadata.name} ${action.role ?? 'none'}`;
    case 'createVolume':
    case 'createPod':
    case 'updateVolume':
      return `${action.kind} ${action.member}`;
    case 'markJoined':
    case 'noteDatabase':
    case 'deleteVolume':
      return `${action.kind} ${action.volume.metadata.name}`;
    case 'retire':
      return `retire ${action.volume.metadata.name} ${action.because}`;
    case 'deletePod':
      return `deletePod ${action.pod.metadata.name} ${action.because}`;
    case 'switchover':
      return `switchover ${action.to}`;
  }
}

/** Of a partition that has been made, and is well. */
export function settledWorld(managed: object = {}, nodes?: readonly string[]): ModelWorld {
  const world = new ModelWorld(memberInput(managed), nodes);
  if (world.settle() === null) throw new Error('a new partition does not settle');
  world.story();
  return world;
}

/** As where the spec names the image. */
export const withImage = (image: string, managed: object = {}): MemberInput =>
  memberInput({ ...managed, image, majorVersion: 18 }, { database: stockImage('postgresql', image, 18) });

export const conditionOf = (world: ModelWorld, type: string) =>
  world.plan?.conditions.find((each) => each.type === type);
