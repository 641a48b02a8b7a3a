import { memberName } from '#contract/names.ts';
import { LABEL } from '../../../objects/labels.ts';
import type { MemberInput } from '../../../partition/objects/member-input.ts';
import { memberLabels } from '../../../partition/objects/member-labels.ts';
import { memberPod } from '../../../partition/objects/member-pod.ts';
import { desiredVolume } from '../desired-volume.ts';
import type { MemberPod, MemberVolume, Node } from '../members-input.ts';
import type { MemberAction } from '../plan/members-plan.ts';
import { NO_ROLE } from '../plan/plan-roles.ts';
import { hasEnded, isLeaving, isReady } from '../pod-state.ts';
import { marksOf, unmarked } from '../volume-marks.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** As the taint manager waits for a node that went away. */
const EVICT_AFTER_MS = 300_000;

type Status = NonNullable<MemberPod['status']>;

/** A model of what Kubernetes does with pods, volumes and nodes: scheduler, kubelet, taint manager, garbage collector. */
export class ModelCluster {
  now = Date.parse('2026-01-01T00:00:00Z');
  build: MemberInput;
  readonly nodes = new Map<string, Node>();
  readonly pods = new Map<string, MemberPod>();
  readonly volumes = new Map<string, MemberVolume>();
  /** Volumes that hold the partition's data, by uid. */
  readonly filled = new Set<string>();
  /** Images that cannot be pulled. */
  readonly missingImages = new Set<string>();
  /** Whether the processes of a pod that is told to end are there still. */
  lingers: (name: string) => boolean = () => false;
  #version = 0;

  constructor(build: MemberInput, nodeNames: readonly string[]) {
    this.build = build;
    for (const name of nodeNames) this.setNode(name, {});
  }

  get time(): string {
    return new Date(this.now).toISOString();
  }

  setNode(name: string, { ready = true, cordoned = false }: { ready?: boolean; cordoned?: boolean }): void {
    const was = this.nodes.get(name);
    const before = was?.status?.conditions?.[0];
    const status = ready ? 'True' : 'Unknown';
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : this.time;
    this.nodes.set(name, {
      metadata: { name },
      spec: cordoned ? { unschedulable: true } : {},
      status: {
        conditions: [{ type: 'Ready', status, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }],
      },
    });
  }

  isUp(name: string | undefined): boolean {
    return this.nodes.get(name ?? '')?.status?.conditions?.[0]?.status === 'True';
  }

  /** The agent in the pod answers. */
  isAnswering(name: string): boolean {
    const pod = this.pods.get(name);
    if (pod === undefined || (isLeaving(pod) && !this.lingers(name))) return false;
    return isReady(pod) && !hasEnded(pod) && this.isUp(pod.spec?.nodeName);
  }

  /** One action as the API server takes it; false where a precondition does not hold. */
  act(action: Exclude<MemberAction, { kind: 'switchover' }>): boolean {
    switch (action.kind) {
      case 'label':
        return this.#change(this.pods, action.pod, {
          uid: true,
          to: (pod) => ({
            ...pod,
            metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [LABEL.role]: action.role ?? NO_ROLE } },
          }),
        });
      case 'createVolume':
        return this.#create(this.volumes, this.#newVolume(action.member, action.joined));
      case 'createPod':
        return this.#create(this.pods, memberPod(this.build, action.member, null));
      case 'updateVolume':
      case 'markJoined':
      case 'noteDatabase':
      case 'retire':
        return this.#change(this.volumes, action.volume, { uid: true, to: (live) => this.#applied(live, action) });
      case 'deletePod':
        return this.deletePod(action.pod);
      case 'deleteVolume':
        return this.#change(this.volumes, action.volume, {
          uid: true,
          version: true,
          to: (live) => this.#marked(live),
        });
    }
  }

  deletePod(seen: MemberPod, version = true): boolean {
    return this.#change(this.pods, seen, { uid: true, version, to: (pod) => this.#marked(pod) });
  }

  deleteVolume(name: string): void {
    const live = this.volumes.get(name);
    if (live !== undefined) this.#change(this.volumes, live, { to: (volume) => this.#marked(volume) });
  }

  evict(name: string): void {
    const pod = this.pods.get(name);
    if (pod === undefined) return;
    this.#change(this.pods, pod, { to: (live) => ({ ...live, status: { phase: 'Failed', reason: 'Evicted' } }) });
  }

  removeNode(name: string): void {
    this.nodes.delete(name);
    for (const [key, pod] of this.pods) if (pod.spec?.nodeName === name) this.pods.delete(key);
  }

  /** What happens by itself within a moment. */
  tick(ms = 1_000): void {
    this.now += ms;
    for (const pod of [...this.pods.values()]) this.#live(pod);
    for (const volume of [...this.volumes.values()]) this.#collect(volume);
  }

  #live(pod: MemberPod): void {
    const { name } = pod.metadata;
    const { nodeName } = pod.spec ?? {};
    if (nodeName === undefined) {
      if (isLeaving(pod)) this.pods.delete(name);
      else this.#schedule(pod);
      return;
    }
    if (!this.isUp(nodeName)) this.#leaveAlone(pod);
    else if (!isLeaving(pod)) this.#keep(pod);
    else if (!this.lingers(name)) this.pods.delete(name);
  }

  #keep(pod: MemberPod): void {
    if (!hasEnded(pod)) this.#run(pod);
  }

  /** Nobody there to stop it; it is marked, and stays. */
  #leaveAlone(pod: MemberPod): void {
    const since = Date.parse(
      this.nodes.get(pod.spec?.nodeName ?? '')?.status?.conditions?.[0]?.lastTransitionTime ?? '',
    );
    if (!isLeaving(pod) && this.now - since > EVICT_AFTER_MS)
      this.#change(this.pods, pod, { to: (live) => this.#marked(live) });
  }

  #schedule(pod: MemberPod): void {
    const volume = this.volumes.get(pod.metadata.name);
    const node = volume === undefined || isGoing(volume) ? undefined : this.#nodeFor(volume);
    if (volume === undefined || node === undefined) this.#wait(pod, '0 nodes are available');
    else this.#bind(pod, volume, node.metadata.name);
  }

  #nodeFor(volume: MemberVolume): Node | undefined {
    const home = volume.metadata.annotations?.[SELECTED_NODE];
    const fit = [...this.nodes.values()].filter(
      ({ metadata, spec }) =>
        this.isUp(metadata.name) && spec?.unschedulable !== true && (home === undefined || home === metadata.name),
    );
    const load = (node: Node): number =>
      [...this.pods.values()].filter((p) => p.spec?.nodeName === node.metadata.name).length;
    return fit.toSorted((a, b) => load(a) - load(b))[0];
  }

  #bind(pod: MemberPod, volume: MemberVolume, nodeName: string): void {
    this.#change(this.volumes, volume, {
      to: (live) => ({
        ...live,
        metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, [SELECTED_NODE]: nodeName } },
        status: { phase: 'Bound', capacity: { ...live.spec?.resources?.requests } },
      }),
    });
    this.#change(this.pods, pod, {
      to: (live) => ({ ...live, spec: { ...live.spec, containers: live.spec?.containers ?? [], nodeName } }),
    });
  }

  #wait(pod: MemberPod, message: string): void {
    if (pod.status?.conditions !== undefined) return;
    const condition = { type: 'PodScheduled', status: 'False', lastTransitionTime: this.time, message };
    this.#change(this.pods, pod, {
      to: (live) => ({ ...live, status: { phase: 'Pending', conditions: [condition] } }),
    });
  }

  #run(pod: MemberPod): void {
    const image = pod.spec?.containers[0]?.image ?? '';
    const container = { name: 'database', image, imageID: '', ready: true, restartCount: 0 };
    const running: Status = {
      phase: 'Running',
      podIP: `10.0.0.${pod.metadata.uid}`,
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [{ ...container, state: { running: {} } }],
    };
    const waiting: Status = {
      phase: 'Pending',
      containerStatuses: [{ ...container, ready: false, state: { waiting: { reason: 'ErrImagePull' } } }],
    };
    const status = this.missingImages.has(image) ? waiting : running;
    if (JSON.stringify(pod.status) !== JSON.stringify(status))
      this.#change(this.pods, pod, { to: (live) => ({ ...live, status }) });
  }

  /** A claim goes when no pod uses it. */
  #collect(volume: MemberVolume): void {
    if (isGoing(volume) && !this.pods.has(volume.metadata.name)) this.volumes.delete(volume.metadata.name);
  }

  #newVolume(member: string, joined: boolean): MemberVolume {
    const name = memberName(member);
    return {
      ...desiredVolume(this.build, { member: name, marks: { ...unmarked, joined }, live: null }),
      status: { phase: 'Pending' },
    };
  }

  #applied(
    live: MemberVolume,
    action: Extract<MemberAction, { kind: 'updateVolume' | 'markJoined' | 'noteDatabase' | 'retire' }>,
  ): MemberVolume {
    const before = marksOf(live);
    const marks = {
      joined: before.joined || action.kind === 'markJoined',
      retired: action.kind === 'retire' ? action.because : before.retired,
      database: action.kind === 'noteDatabase' ? action.database : before.database,
    };
    const size = action.kind === 'updateVolume' ? action.size : (live.spec?.resources?.requests?.storage ?? '');
    const desired = desiredVolume(this.build, { member: memberName(live.metadata.name), marks, live, size });
    const annotations = { ...live.metadata.annotations, ...desired.metadata.annotations };
    return { ...live, ...desired, metadata: { ...live.metadata, ...desired.metadata, annotations } };
  }

  #marked<T extends MemberPod | MemberVolume>(live: T): T {
    return { ...live, metadata: { ...live.metadata, deletionTimestamp: live.metadata.deletionTimestamp ?? this.time } };
  }

  #create<T extends MemberPod | MemberVolume>(where: Map<string, T>, object: T): boolean {
    const { name } = object.metadata;
    if (where.has(name)) return false;
    this.#version += 1;
    const made = { creationTimestamp: this.time, uid: `${this.#version}`, resourceVersion: `${this.#version}` };
    const labels = { ...memberLabels(this.build.partition, memberName(name)), ...object.metadata.labels };
    where.set(name, { ...object, metadata: { ...object.metadata, ...made, labels } });
    return true;
  }

  #change<T extends MemberPod | MemberVolume>(
    where: Map<string, T>,
    seen: T,
    { uid = false, version = false, to }: Change<T>,
  ): boolean {
    const live = where.get(seen.metadata.name);
    if (live === undefined) return false;
    if (uid && live.metadata.uid !== seen.metadata.uid) return false;
    if (version && live.metadata.resourceVersion !== seen.metadata.resourceVersion) return false;
    this.#version += 1;
    const next = to(live);
    where.set(seen.metadata.name, { ...next, metadata: { ...next.metadata, resourceVersion: `${this.#version}` } });
    return true;
  }
}

/** `uid`, `version`: only if it is still the one that was seen, and as it was seen. */
type Change<T> = { readonly uid?: boolean; readonly version?: boolean; readonly to: (live: T) => T };

const isGoing = ({ metadata }: MemberVolume): boolean => metadata.deletionTimestamp !== undefined;
