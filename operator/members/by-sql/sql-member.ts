import { randomUUID } from 'node:crypto';
import type { MemberCommandKind } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import { isNews } from '#contract/is-news.ts';
import type { ClusterName, MemberName, PartitionName } from '#contract/names.ts';
import { Impossible } from '#database/impossible.ts';
import type { UpstreamLog } from '#database/postgres/replication/divergence.ts';
import { keepSlots } from '#database/postgres/replication/slots.ts';
import type { Logger } from '#runtime/logger.ts';
import type { MemberSpec, PartitionSpec } from '../../partition/partition-spec.ts';
import type { Clock, MemberOutcome, MemberRequest, MemberSighting } from '../../ports.ts';
import { carryOutBySql } from './carry-out.ts';
import { ATTACH_AGAIN_MS, NotAttached } from './not-attached.ts';
import { type Look, lookAt, type ProbeContext, probeServer, type SqlProbe } from './probe-server.ts';
import { hasLogFrom, readLog, reserveSlotBySql } from './read-log.ts';
import type { Neighbour, SqlContext } from './sql-context.ts';
import type { SqlCredentials } from './sql-credentials.ts';
import { isRefusedSignIn, sqlFailure } from './sql-failure.ts';
import { afterGlance, afterLook, type Looks, NO_LOOKS, sqlReport } from './sql-report.ts';
import { SqlServer } from './sql-server.ts';
import { SqlTrouble } from './sql-trouble.ts';
import { unfit } from './unfit.ts';

export type SqlMemberOptions = {
  readonly cluster: ClusterName;
  readonly partition: PartitionSpec;
  readonly spec: MemberSpec;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly credentials: (partition: PartitionName) => Promise<SqlCredentials>;
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
  readonly #server: SqlServer;
  readonly #end = new AbortController();
  readonly #id = randomUUID();
  #looks: Looks = NO_LOOKS;
  #sequence = 0;
  #seenAt: number | null = null;
  /** Highest timeline in one life of the server: its control file lags behind. */
  #known = { life: '', timeline: 0 };
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
    const { partition, spec, credentials } = options;
    this.#server = new SqlServer({
      member: spec.name,
      endpoint: spec.endpoint,
      database: partition.database,
      credentials: () => credentials(partition.name),
    });
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
    return this.#looks.replication?.systemIdentifier ?? null;
  }

  /** Another one for a server that was started again: what it was told to keep may be gone with what it was before. */
  #bootId(life: string): string {
    return `${this.#id} ${life}`;
  }

  get timeline(): number {
    return this.#looks.replication?.timeline ?? 0;
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
      const result = await carryOutBySql(request.command, this.#context(request.epoch, signal));
      if (ATTACHES.includes(request.command.kind)) this.#notAttached = null;
      await this.#lookAgain(signal);
      return { ok: true, result };
    } catch (error) {
      if (error instanceof NotAttached) {
        this.#notAttached = { message: error.message, until: this.#options.clock.monotonic() + ATTACH_AGAIN_MS };
      }
      return outcomeOf(error);
    }
  }

  #refusal(): string | null {
    const refused = this.#notAttached;
    return refused !== null && this.#options.clock.monotonic() < refused.until ? refused.message : null;
  }

  async log(signal: AbortSignal): Promise<UpstreamLog> {
    return await this.#server.use(signal, readLog);
  }

  async hasLogFrom(position: string, signal: AbortSignal): Promise<boolean> {
    return await this.#server.use(signal, (admin) => hasLogFrom(admin, position));
  }

  async reserve(member: MemberName, signal: AbortSignal): Promise<void> {
    await this.#server.use(signal, (admin) => reserveSlotBySql(admin, member));
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#end.signal.aborted) {
      const number = ++this.#begun;
      const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(PROBE_MS)]);
      const probe = await probeServer(this.#server, this.#probing(), signal);
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
    const isRefused = failure !== null && (isRefusedSignIn(failure) || failure.code === 'CredentialsMissing');
    if (isRefused) return REFUSED_PAUSE_MS * spread;
    if (failures <= PATIENT_FAILURES) return probeIntervalMs * spread;
    const grown = probeIntervalMs * 2 ** Math.min(failures - PATIENT_FAILURES, 10);
    return Math.max(probeIntervalMs, Math.min(grown, LONGEST_PAUSE_MS)) * spread;
  }

  #note(probe: SqlProbe, number: number): void {
    if (this.#end.signal.aborted || number < this.#newest) return;
    if (!probe.ok) this.#noteFailure(probe.failure.code);
    if (probe.ok) this.#noteServer(probe);
    this.#looks = afterLook(this.#looks, probe);
    this.#tell(number);
  }

  #noteServer({ facts, observation }: Look): void {
    this.#server.useDatabase(facts.hasDatabase);
    const timeline = Math.max(this.#timelineIn(facts.life) ?? 0, observation.replication.timeline);
    this.#known = { life: facts.life, timeline };
  }

  #timelineIn(life: string): number | null {
    return this.#known.life === life ? this.#known.timeline : null;
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

  #noteFailure(code: string | null): void {
    // invalid_catalog_name: the repository's database has not been made yet.
    if (code === '3D000') this.#server.useDatabase(false);
    else this.#server.drop();
  }

  /** After a command: what was seen before it may no longer hold. A failure is the next look's to count. */
  async #lookAgain(signal: AbortSignal): Promise<void> {
    const number = ++this.#begun;
    const look = await lookAt(this.#server, this.#probing(), signal);
    if (this.#end.signal.aborted || number < this.#newest) return;
    this.#noteServer(look);
    this.#looks = afterGlance(this.#looks, look);
    this.#tell(number);
  }

  /** On a replica nobody streams from its slots: they follow what their members have received. */
  async #maintain(): Promise<void> {
    const { clock, neighbour } = this.#options;
    if (this.#keepFor.length === 0 || this.#looks.failures > 0) return;
    if (clock.monotonic() - this.#maintainedAt < MAINTENANCE_MS) return;
    this.#maintainedAt = clock.monotonic();
    const received = new Map(this.#keepFor.flatMap((member) => receivedBy(member, neighbour(member))));
    const options = { members: this.#keepFor, received, exactly: false };
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(PROBE_MS)]);
    await this.#server
      .use(signal, (admin) => keepSlots(admin, options))
      .catch((error: Error) => {
        const { log, partition, spec } = this.#options;
        const at = { partition: partition.name, member: spec.name, error: error.message };
        log.debug(at, 'slots were not kept; tried again in two seconds');
      });
  }

  #probing(): ProbeContext {
    const { partition, spec, neighbour } = this.#options;
    return {
      member: spec.name,
      database: partition.database,
      members: partition.members,
      knownTimeline: (life) => this.#timelineIn(life),
      timelineOf: (member) => neighbour(member)?.timeline ?? 0,
    };
  }

  #context(epoch: number, signal: AbortSignal): SqlContext {
    const { partition, spec } = this.#options;
    return {
      member: spec.name,
      database: partition.database,
      server: this.#server,
      epoch,
      members: partition.members,
      signal,
      look: () => this.#look(signal),
      neighbour: (member) => this.#neighbour(member),
      vouch: (life) => {
        this.#looks = { ...this.#looks, vouchedLife: life };
      },
      keep: (members) => {
        this.#keepFor = members;
      },
    };
  }

  async #look(signal: AbortSignal): Promise<Look> {
    const look = await lookAt(this.#server, this.#probing(), signal);
    this.#noteServer(look);
    return look;
  }

  #neighbour(member: MemberName): Neighbour {
    const found = this.#options.neighbour(member);
    if (found === undefined) throw new Impossible('Unknown', `there is no member ${member}`);
    return {
      log: (signal) => found.log(signal),
      hasLogFrom: (position, signal) => found.hasLogFrom(position, signal),
      reserve: (who, signal) => found.reserve(who, signal),
    };
  }

  /** What a person has to mend before anything can be done here; null: nothing. */
  #problem(): MemberSighting['problem'] {
    const { failure, facts } = this.#looks;
    if (failure !== null && isRefusedSignIn(failure)) return { code: 'CredentialsRefused', message: failure.message };
    if (failure?.code === 'CredentialsMissing') return { code: failure.code, message: failure.message };
    if (facts === null || failure !== null) return null;
    if (this.#notAttached !== null) return { code: 'ReplicationRefused', message: this.#notAttached.message };
    return unfit(facts, this.#options.partition.members.length);
  }
}

const receivedBy = (name: MemberName, member: SqlMember | undefined): (readonly [string, string])[] =>
  member?.received == null ? [] : [[name, member.received]];

function outcomeOf(error: unknown): MemberOutcome {
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
  const { kind, code, message } = sqlFailure(error);
  // Nobody knows whether it was done where the answer did not come.
  if (kind !== 'sql') return { ok: false, failure: 'unreachable', code: kind, message };
  return { ok: false, failure: 'failed', code: code ?? 'Failed', message };
}
