import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../../../partition/operation.ts';
import type { MemberNow } from '../../../partition/partition-view.ts';
import { newRecord, type PartitionRecord, type Rejoining } from '../../../partition/record.ts';
import { agentReport } from './agent-report.ts';
import type { ModelCluster } from './model-cluster.ts';

/**
 * A model of the core as far as members matter to it: one primary, a synchronous set, replicas that stream a moment after they
 * are there. Whoever has not all data is no candidate. The real one is tested elsewhere, by its own properties.
 */
export class ModelCore {
  record: PartitionRecord = newRecord;
  /** As last told. */
  spec: readonly MemberName[] = [];
  readonly #cluster: ModelCluster;
  #switchingTo: MemberName | null = null;

  constructor(cluster: ModelCluster) {
    this.#cluster = cluster;
  }

  switchOver(to: MemberName): void {
    if (this.record.operation === null && this.#streams(to)) this.#switchingTo = to;
  }

  sightings(): readonly MemberNow[] {
    const { primary } = this.record;
    return this.spec.map((name) => {
      const connected = this.#cluster.isAnswering(name);
      const state = this.#isFilled(name) ? 'running' : 'empty';
      const upstream = name === primary ? null : primary;
      const report = connected ? agentReport({ member: name, state, upstream, streaming: this.#streams(name) }) : null;
      return { name, connected, failure: connected ? null : 'timeout', report, reportedAt: null, lagSeconds: 0 };
    });
  }

  /** One turn. */
  turn(): void {
    const { record } = this;
    if (record.operation !== null) this.#finish(record.operation);
    else if (record.primary === null) this.#bootstrap();
    else if (!this.#isServing(record.primary)) this.#failOver(record.primary);
    else if (this.#switchingTo !== null) this.#begin('Switchover', record.primary, this.#switchingTo);
    else this.#keep(record.primary);
    this.#settle();
  }

  #isFilled(name: string): boolean {
    return this.#cluster.filled.has(this.#cluster.volumes.get(name)?.metadata.uid ?? '');
  }

  #isServing = (name: MemberName): boolean => this.#cluster.isAnswering(name) && this.#isFilled(name);

  #streams(name: MemberName): boolean {
    const { primary, rejoining } = this.record;
    if (primary === null || name === primary || !this.spec.includes(name)) return false;
    return this.#isServing(primary) && this.#isServing(name) && !rejoining.some(({ member }) => member === name);
  }

  #bootstrap(): void {
    const [first] = this.spec;
    if (first === undefined || !this.spec.every((name) => this.#cluster.isAnswering(name))) return;
    for (const name of this.spec) this.#fill(name);
    this.#save({ epoch: 1, servedEpoch: 1, primary: first, synchronous: this.#wantedSet(first) });
  }

  #fill(name: string): void {
    const uid = this.#cluster.volumes.get(name)?.metadata.uid;
    if (uid !== undefined) this.#cluster.filled.add(uid);
  }

  #failOver(primary: MemberName): void {
    const { synchronous, rejoining } = this.record;
    const asked = this.spec.filter(
      (name) => name !== primary && this.#isServing(name) && !rejoining.some(({ member }) => member === name),
    );
    const counted = asked.filter((name) => synchronous.members.includes(name));
    const [candidate] = counted;
    const isSafe = synchronous.required > 0 && counted.length + synchronous.required > synchronous.members.length;
    if (candidate !== undefined && isSafe) this.#begin('Failover', primary, candidate);
  }

  #begin(kind: 'Failover' | 'Switchover', from: MemberName, candidate: MemberName): void {
    this.#switchingTo = null;
    const operation = { ...nothing, kind, from, candidate, epoch: this.record.epoch + 1 };
    this.#save({ operation, epoch: operation.epoch, phase: kind === 'Switchover' ? 'Switching' : 'FailingOver' });
  }

  #finish({ from, candidate, kind, epoch }: Operation): void {
    if (candidate === null || from === null || !this.#isServing(candidate)) {
      this.#save({ operation: null });
      return;
    }
    const lastEpoch = this.record.servedEpoch;
    const back: readonly Rejoining[] =
      kind === 'Switchover' ? [] : [{ member: from, step: 'follow', lastEpoch, since: 0, problem: null }];
    const rejoining = this.record.rejoining.filter(({ member }) => member !== from && member !== candidate);
    const synchronous = this.#wantedSet(candidate);
    this.#save({
      operation: null,
      primary: candidate,
      servedEpoch: epoch,
      rejoining: [...rejoining, ...back],
      synchronous,
    });
  }

  /** Whoever is empty is copied, whoever is back follows; the set changes once enough stream for the new one. */
  #keep(primary: MemberName): void {
    const known = this.record.rejoining.filter(({ member }) => this.spec.includes(member) && member !== primary);
    const still = known.filter(({ member }) => !this.#cluster.isAnswering(member));
    for (const { member } of known) if (!still.some((entry) => entry.member === member)) this.#fill(member);
    const empty = this.spec.filter((name) => this.#cluster.isAnswering(name) && !this.#isFilled(name));
    const fresh = empty.map((member): Rejoining => ({ member, step: 'clone', lastEpoch: 0, since: 0, problem: null }));
    this.#save({ rejoining: [...still, ...fresh] });
    const wanted = this.#wantedSet(primary);
    const attached = wanted.members.filter((name) => this.#streams(name));
    if (attached.length >= wanted.required) this.#save({ synchronous: wanted });
  }

  #wantedSet(primary: MemberName) {
    const members = this.spec.filter((name) => name !== primary);
    const required = Math.floor(this.spec.length / 2);
    return required === 0 ? { required, members: [] } : { required, members };
  }

  #settle(): void {
    const { primary, operation, rejoining } = this.record;
    const members = this.spec.map((name) => ({
      name,
      role: roleOf(this.#isServing(name), name === primary),
      reachable: this.#cluster.isAnswering(name),
      timeline: 1,
    }));
    const whole = primary !== null && this.#isServing(primary) && rejoining.length === 0;
    const healthy = whole && this.spec.every((name) => name === primary || this.#streams(name));
    const readers = this.spec.filter((name) => name !== primary && this.#streams(name));
    this.#save({
      members,
      target: primary === null ? null : { epoch: this.record.epoch, writer: primary, readers },
      ...(operation === null && primary !== null ? { phase: healthy ? 'Healthy' : 'Degraded' } : {}),
    });
  }

  #save(change: Partial<PartitionRecord>): void {
    this.record = { ...this.record, ...change };
  }
}

function roleOf(isServing: boolean, isPrimary: boolean): 'primary' | 'replica' | 'none' {
  if (!isServing) return 'none';
  return isPrimary ? 'primary' : 'replica';
}

const nothing: Operation = {
  kind: 'Failover',
  step: 'fence',
  epoch: 0,
  from: null,
  candidate: null,
  losers: [],
  survivors: [],
  attached: [],
  synchronous: null,
  mark: null,
  stopConfirmed: false,
  leasesUntil: null,
  acceptDataLoss: false,
  reason: '',
  startedAt: 0,
  lostUpTo: null,
  phases: {},
};
