import { randomUUID } from 'node:crypto';
import type { MemberCommandKind } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import { isNews } from '#contract/is-news.ts';
import type { ClusterName, MemberName } from '#contract/names.ts';
import { Impossible } from '#database/impossible.ts';
import type { Logger } from '#runtime/logger.ts';
import type { MemberSpec, PartitionSpec } from '../../partition/partition-spec.ts';
import type { Clock, MemberOutcome, MemberRequest, MemberSighting } from '../../ports.ts';
import type { EngineServer, Kept, SqlOrder, SqlProbe } from './engine-server.ts';
import { ATTACH_AGAIN_MS, NotAttached } from './not-attached.ts';
import type { SqlFailure } from './sql-failure.ts';
import { afterGlance, afterLook, type Looks, NO_LOOKS, sqlReport } from './sql-report.ts';
import { SqlTrouble } from './sql-trouble.ts';

export type SqlMemberOptions = {
  readonly cluster: ClusterName;
  readonly partition: PartitionSpec;
  readonly spec: MemberSpec;
  readonly server: EngineServer;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly neighbour: (member: MemberName) => SqlMember | undefined;
  readonly onChange: () => void;
  readonly log: Logger;
};

/** A look without an answer by then has failed. Longer than an agent's: there is a network in between. */
const PROBE_MS = 1_000;
/** Between two looks at a server that has been failing for long: it is to be noticed when it is back. */
const LONGEST_PAUSE_MS = 2_000;
/** After so many failed looks the pauses grow. */
const PATIENT_FAILURES = 8;
/** Nobody may be locked out of an account because of us, nor anybody's log be filled. */
const REFUSED_PAUSE_MS = 5_000;
const MAINTENANCE_MS = 2_000;
const HEARTBEAT_MS = 1_000;
const ATTACHES: readonly MemberCommandKind[] = ['follow', 'rewind', 'clone'];

/**
 * One server that somebody else runs: watched by SQL for as long as it is in the spec, and told by SQL what to do. To the core
 * it looks like a member with an agent.
 */
export class SqlMember {
  readonly #options: SqlMemberOptions;
  readonly #server: EngineServer;
  readonly #end = new AbortController();
  readonly #id = randomUUID();
  #looks: Looks = NO_LOOKS;
  #sequence = 0;
  #seenAt: number | null = null;
  /** Looks are numbered as they begin: one that took long must not pass for news. */
  #begun = 0;
  #newest = 0;
  #keepFor: readonly MemberName[] = [];
  #maintainedAt = Number.NEGATIVE_INFINITY;
  #told: AgentReport | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #underWay = new Set<Promise<MemberOutcome>>();
  #notAttached: { readonly message: string; readonly until: number } | null = null;

  constructor(options: SqlMemberOptions) {
    this.#options = options;
    this.#server = options.server;
  }

  /** Begins to watch. Ends by itself after `close`; nothing in it rejects. */
  start(): void {
    void this.#watch();
  }

  close(): void {
    this.#end.abort(new Error('the member is watched no more'));
    this.#server.drop();
    // One that is broken off may have something to give back.
    void Promise.allSettled(this.#underWay).then(() => this.#server.close());
  }

  get sighting(): MemberSighting {
    const { failure, facts } = this.#looks;
    // Complaining is answering, too.
    const known = facts !== null || failure?.kind === 'sql';
    const contact = failure === null || failure.kind === 'sql' ? null : failure.kind;
    const { cluster, partition, spec } = this.#options;
    const identity = { cluster, partition: partition.name, member: spec.name };
    const report = known
      ? sqlReport(this.#looks, { ...identity, bootId: this.#bootId(facts?.life ?? ''), sequence: this.#sequence })
      : null;
    return {
      connected: known,
      failure: known ? null : contact,
      report,
      reportedAt: this.#seenAt,
      problem: this.#problem(),
    };
  }

  /** null: not seen yet. */
  get systemIdentifier(): string | null {
    return this.#server.systemIdentifier();
  }

  /** Another one for a server that was started again: what it was told to keep may be gone with what it was before. */
  #bootId(life: string): string {
    return `${this.#id} ${life}`;
  }

  get received(): string | null {
    return this.#looks.replication?.received ?? null;
  }

  async send(request: MemberRequest): Promise<MemberOutcome> {
    const sent = this.#send(request);
    this.#underWay.add(sent);
    try {
      return await sent;
    } finally {
      this.#underWay.delete(sent);
    }
  }

  async #send(request: MemberRequest): Promise<MemberOutcome> {
    const refusal = ATTACHES.includes(request.command.kind) ? this.#refusal() : null;
    if (refusal !== null) return { ok: false, failure: 'failed', code: 'NotAttached', message: refusal };
    const limits = [this.#end.signal, AbortSignal.timeout(request.deadlineMs)];
    const signal = AbortSignal.any(request.signal === undefined ? limits : [...limits, request.signal]);
    try {
      const result = await this.#server.carryOut(request.command, this.#order(request.epoch, signal));
      if (ATTACHES.includes(request.command.kind)) this.#notAttached = null;
      await this.#lookAgain(signal);
      return { ok: true, result };
    } catch (error) {
      if (error instanceof NotAttached) {
        this.#notAttached = { message: error.message, until: this.#options.clock.monotonic() + ATTACH_AGAIN_MS };
      }
      return outcomeOf(error, this.#server);
    }
  }

  #refusal(): string | null {
    const refused = this.#notAttached;
    return refused !== null && this.#options.clock.monotonic() < refused.until ? refused.message : null;
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#end.signal.aborted) {
      const number = ++this.#begun;
      const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(PROBE_MS)]);
      const probe = await this.#server.probe(signal);
      this.#note(probe, number);
      await this.#maintain();
      await clock.sleep(this.#pause(), this.#end.signal);
    }
  }

  /** Spread by a tenth: servers of many partitions are not to be asked all in the same moment. */
  #pause(): number {
    const { failures, failure } = this.#looks;
    const { probeIntervalMs } = this.#options.partition.failover;
    const spread = 0.9 + 0.2 * this.#options.random();
    if (failure !== null && waitsForSomebody(failure)) return REFUSED_PAUSE_MS * spread;
    if (failures <= PATIENT_FAILURES) return probeIntervalMs * spread;
    const grown = probeIntervalMs * 2 ** Math.min(failures - PATIENT_FAILURES, 10);
    return Math.max(probeIntervalMs, Math.min(grown, LONGEST_PAUSE_MS)) * spread;
  }

  #note(probe: SqlProbe, number: number): void {
    if (this.#end.signal.aborted || number < this.#newest) return;
    if (probe.ok) this.#server.note(probe);
    else this.#server.noteFailure(probe.failure);
    this.#looks = afterLook(this.#looks, probe);
    this.#tell(number);
  }

  /** At once what is news, otherwise once a second, as an agent does. */
  #tell(number: number): void {
    const now = this.#options.clock.monotonic();
    this.#newest = number;
    this.#seenAt = now;
    const { report } = this.sighting;
    if (report !== null && !isNews(this.#told, report) && now - this.#toldAt < HEARTBEAT_MS) return;
    this.#sequence += 1;
    this.#told = report;
    this.#toldAt = now;
    this.#options.onChange();
  }

  /** After a command: what was seen before it may no longer hold. A failure is the next look's to count. */
  async #lookAgain(signal: AbortSignal): Promise<void> {
    const number = ++this.#begun;
    const look = await this.#server.look(signal);
    if (this.#end.signal.aborted || number < this.#newest) return;
    this.#server.note(look);
    this.#looks = afterGlance(this.#looks, look);
    this.#tell(number);
  }

  async #maintain(): Promise<void> {
    const { clock } = this.#options;
    if (this.#looks.facts === null || this.#looks.failures > 0) return;
    if (clock.monotonic() - this.#maintainedAt < MAINTENANCE_MS) return;
    this.#maintainedAt = clock.monotonic();
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(PROBE_MS)]);
    await this.#server.maintain(this.#kept(), signal).catch((error: Error) => {
      const { log, partition, spec } = this.#options;
      const at = { partition: partition.name, member: spec.name, error: error.message };
      log.debug(at, 'not maintained; tried again in two seconds');
    });
  }

  #kept(): Kept {
    const members = this.#keepFor;
    const { neighbour } = this.#options;
    return { members, received: new Map(members.flatMap((member) => receivedBy(member, neighbour(member)))) };
  }

  #order(epoch: number, signal: AbortSignal): SqlOrder {
    return {
      epoch,
      signal,
      vouch: (life) => {
        this.#looks = { ...this.#looks, vouchedLife: life };
      },
      keep: (members) => {
        this.#keepFor = members;
      },
    };
  }

  /** What a person has to mend before anything can be done here; null: nothing. */
  #problem(): MemberSighting['problem'] {
    const { failure, facts, unfit } = this.#looks;
    if (failure?.meaning === 'refused') return { code: 'CredentialsRefused', message: failure.message };
    if (failure?.code === 'CredentialsMissing') return { code: failure.code, message: failure.message };
    if (failure?.unfit !== undefined) return failure.unfit;
    if (facts === null || failure !== null) return null;
    if (this.#notAttached !== null) return { code: 'ReplicationRefused', message: this.#notAttached.message };
    return unfit;
  }
}

/** Nothing will be better in a moment. */
const waitsForSomebody = ({ meaning, code }: SqlFailure): boolean =>
  meaning === 'refused' || code === 'CredentialsMissing' || code === 'NotVerified';

const receivedBy = (name: MemberName, member: SqlMember | undefined): (readonly [string, string])[] =>
  member?.received == null ? [] : [[name, member.received]];

function outcomeOf(error: unknown, { failureOf }: EngineServer): MemberOutcome {
  if (error instanceof Impossible) {
    const failure = error.code === 'EpochPassed' ? 'stale' : 'impossible';
    return { ok: false, failure, code: error.code, message: error.message };
  }
  if (error instanceof SqlTrouble)
    return {
      ok: false,
      failure: 'failed',
      code: error instanceof NotAttached ? 'NotAttached' : 'Failed',
      message: error.message,
    };
  const { kind, code, message } = failureOf(error);
  // Nobody knows whether it was done where the answer did not come.
  if (kind !== 'sql') return { ok: false, failure: 'unreachable', code: kind, message };
  return { ok: false, failure: 'failed', code: code ?? 'Failed', message };
}
