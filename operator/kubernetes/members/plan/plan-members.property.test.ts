import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import type { MembersInput } from '../members-input.ts';
import { hasEnded, isLeaving, isRunning } from '../pod-state.ts';
import type { ModelCluster } from '../test-support/model-cluster.ts';
import { ModelWorld, REPLACE_AFTER_MS, tell } from '../test-support/model-world.ts';
import { marksOf } from '../volume-marks.ts';
import type { MemberAction } from './members-plan.ts';
import { planMembers } from './plan-members.ts';

// Whatever happens to pods, nodes, volumes and spec, in any order, seen late or in time: nothing is taken away that is needed,
// and in the end all is as the spec says.

/** Thousands of plans: seconds, and more on a busy machine. */
const PATIENCE_MS = 120_000;

const NODES = ['n0', 'n1', 'n2', 'n3'];

type Event =
  | { readonly kind: 'kill' | 'evict' | 'deleteVolume'; readonly member: number }
  | { readonly kind: 'down' | 'up' | 'cordon' | 'remove'; readonly node: number }
  | { readonly kind: 'scale'; readonly instances: number }
  | { readonly kind: 'setting'; readonly value: number }
  | { readonly kind: 'badImage' }
  | { readonly kind: 'wait'; readonly ms: number };

const member = fc.nat(4);
const node = fc.nat(NODES.length - 1);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constantFrom('kill' as const, 'evict' as const, 'deleteVolume' as const), member }),
  fc.record({ kind: fc.constantFrom('down' as const, 'up' as const, 'up' as const, 'cordon' as const), node }),
  fc.record({ kind: fc.constant('remove' as const), node }),
  fc.record({ kind: fc.constant('scale' as const), instances: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('setting' as const), value: fc.nat(3) }),
  fc.record({ kind: fc.constant('badImage' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 60_000, REPLACE_AFTER_MS + 60_000) }),
);
const scene = fc.record({
  instances: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(fc.record({ event, rounds: fc.nat(6), stale: fc.boolean() }), { maxLength: 25 }),
});

/** The spec as it is wanted at present. */
type Wanted = { instances: number; value: number; image: string };

const GOOD = 'postgres:18';
const BAD = 'postgres:99';

function buildOf({ instances, value, image }: Wanted) {
  const usual = memberInput({ instances, parameters: { work_mem: `${value + 4}MB` } });
  return { ...usual, database: { ...usual.database, image } };
}

const isOfSpec = ({ kind }: Event): boolean => kind === 'scale' || kind === 'setting' || kind === 'badImage';

function happen(world: ModelWorld, happened: Event, wanted: Wanted): void {
  const { cluster } = world;
  if (isOfSpec(happened)) {
    Object.assign(wanted, changed(happened));
    cluster.build = buildOf(wanted);
  } else if (happened.kind === 'wait') cluster.now += happened.ms;
  else if ('member' in happened) befall(cluster, happened.kind, `users-a-${happened.member}`);
  else if ('node' in happened) turn(cluster, happened.kind, NODES[happened.node] ?? '');
}

function changed(happened: Event): Partial<Wanted> {
  if (happened.kind === 'scale') return { instances: happened.instances };
  return happened.kind === 'setting' ? { value: happened.value, image: GOOD } : { image: BAD };
}

function befall(cluster: ModelCluster, kind: 'kill' | 'evict' | 'deleteVolume', name: string): void {
  if (kind === 'kill') cluster.pods.delete(name);
  else if (kind === 'evict') cluster.evict(name);
  else cluster.deleteVolume(name);
}

function turn(cluster: ModelCluster, kind: 'down' | 'up' | 'cordon' | 'remove', name: string): void {
  if (kind === 'remove') cluster.removeNode(name);
  else cluster.setNode(name, { ready: kind !== 'down', cordoned: kind === 'cordon' });
}

/** Pods that worked and that we took away, until they are back or given up. */
class Taken {
  readonly #uids = new Map<string, string>();

  note(world: ModelWorld, action: MemberAction): void {
    if (action.kind !== 'deletePod') return;
    const { name, uid = '' } = action.pod.metadata;
    const live = world.cluster.pods.get(name);
    // What no longer is as it was seen is not deleted: the precondition.
    if (live === undefined || live.metadata.resourceVersion !== action.pod.metadata.resourceVersion) return;
    if (!isRunning(live) || !world.cluster.isUp(live.spec?.nodeName)) return;
    // Given up already: the core has dropped it, and nobody misses it.
    if (!world.core.record.members.some((member) => member.name === name)) return;
    this.#uids.set(name, uid);
  }

  away(world: ModelWorld): readonly string[] {
    for (const [name, uid] of this.#uids) {
      const live = world.cluster.pods.get(name);
      const volume = world.cluster.volumes.get(name);
      const isGivenUp = live === undefined && (volume === undefined || marksOf(volume).retired !== null);
      const isBack = live !== undefined && live.metadata.uid !== uid && isRunning(live);
      // What others do to it afterwards is not ours.
      const isTrouble = live !== undefined && !world.cluster.isUp(live.spec?.nodeName);
      if (isGivenUp || isBack || isTrouble) this.#uids.delete(name);
    }
    return [...this.#uids.keys()];
  }
}

/** What must never be done, on the world as it is and not as it was seen. */
function mustBeAllowed(world: ModelWorld, action: MemberAction, input: MembersInput): void {
  const { record } = world.core;
  const label = `${tell(action)} ${JSON.stringify(record)}`;
  if (action.kind === 'deletePod' && action.pod.metadata.name === record.primary) {
    const isAlone = input.build.partition.spec.repository.managed?.instances === 1;
    const isUseless = hasEnded(action.pod) || !isRunning(action.pod);
    expect(isUseless || (action.because === 'Outdated' && isAlone), label).toBe(true);
  }
  if (action.kind === 'retire' || action.kind === 'deleteVolume') {
    const { name } = action.volume.metadata;
    expect(name, label).not.toBe(record.primary);
    expect(record.operation?.candidate, label).not.toBe(name);
  }
  if (action.kind === 'deleteVolume') {
    const { name } = action.volume.metadata;
    expect(marksOf(action.volume).retired, label).not.toBeNull();
    expect(record.synchronous.members, label).not.toContain(name);
    expect(
      input.pods.map(({ metadata }) => metadata.name),
      label,
    ).not.toContain(name);
  }
}

function play(
  world: ModelWorld,
  { steps }: { steps: readonly { event: Event; rounds: number; stale: boolean }[] },
): void {
  const wanted: Wanted = {
    instances: world.cluster.build.partition.spec.repository.managed?.instances ?? 0,
    value: 0,
    image: GOOD,
  };
  const taken = new Taken();
  world.watch = (action, input) => {
    mustBeAllowed(world, action, input);
    taken.note(world, action);
    expect(taken.away(world).length, tell(action)).toBeLessThanOrEqual(1);
  };
  for (const { event: happened, rounds, stale } of steps) {
    happen(world, happened, wanted);
    for (let round = 0; round < rounds; round += 1) {
      const plan = world.round({ stale });
      const { primary, operation } = world.core.record;
      if (primary !== null) expect(plan.members.map(({ name }) => name)).toContain(primary);
      if (operation?.candidate != null) expect(plan.members.map(({ name }) => name)).toContain(operation.candidate);
      taken.away(world);
    }
  }
}

/** The end of all trouble: nodes are back, images can be pulled. */
function calmDown(world: ModelWorld): void {
  for (const name of NODES) world.cluster.setNode(name, {});
  const managed = world.cluster.build.partition.spec.repository.managed;
  world.cluster.build = buildOf({ instances: managed?.instances ?? 1, value: 9, image: GOOD });
}

function start(instances: number): ModelWorld {
  const world = new ModelWorld(buildOf({ instances, value: 0, image: GOOD }), NODES);
  world.cluster.missingImages.add(BAD);
  return world;
}

test(
  'whatever happens: no primary is taken away, never two at a time, and the core never lacks its primary',
  () => {
    fc.assert(
      fc.property(scene, (played) => {
        play(start(played.instances), played);
      }),
      { numRuns: 100, seed: 1 },
    );
  },
  PATIENCE_MS,
);

test(
  'when trouble ends, every partition that still has its data becomes what its spec says, and is left alone then',
  () => {
    fc.assert(
      fc.property(scene, (played) => {
        const world = start(played.instances);
        play(world, played);
        calmDown(world);
        const { primary } = world.core.record;
        world.rounds(3);
        // Its data are gone with their only volume, or on too few of those that commits waited for: that is for people.
        const holder = world.cluster.volumes.get(primary ?? '')?.metadata.uid;
        const isBlocked =
          primary !== null && world.core.record.primary === primary && !world.cluster.filled.has(holder ?? '');
        fc.pre(!isBlocked);
        const settled = world.settle(300);
        // Somebody deletes the claim of the only copy: that is for people, too.
        fc.pre(!world.plan?.conditions.some(({ reason }) => reason === 'VolumeGoing'));
        expect(settled, JSON.stringify(world.plan?.conditions)).not.toBeNull();
        expect(world.plan?.againMs).toBeNull();
        expect(world.core.spec).toHaveLength(world.cluster.build.partition.spec.repository.managed?.instances ?? 0);
      }),
      { numRuns: 100, seed: 1 },
    );
  },
  PATIENCE_MS,
);

test(
  'the same input plans the same, and reads nothing but the input',
  () => {
    fc.assert(
      fc.property(scene, (played) => {
        const world = start(played.instances);
        play(world, played);
        const input = structuredClone(world.input());
        expect(planMembers(input)).toEqual(planMembers(structuredClone(input)));
        expect(input.pods.filter(isLeaving)).toEqual(world.input().pods.filter(isLeaving));
      }),
      { numRuns: 20, seed: 1 },
    );
  },
  PATIENCE_MS,
);
