import type { MemberCommand } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import { holdsPosition } from '#database/position.ts';
import type { MemberOutcome, PlatformSighting } from '../ports.ts';

export type Entry = { readonly timeline: number; readonly id: string };

/** A log position of `count` entries, as PostgreSQL writes one. */
const position = (count: number): string => `0/${(count + 1).toString(16).toUpperCase()}`;

const impossible = (code: string): MemberOutcome => ({ ok: false, failure: 'impossible', code, message: code });

/** An agent leaves a primary that ended by itself alone for so long, and starts a replica again at once. */
const PRIMARY_RESTART_MS = 5_000;
const ON_THE_WAY_MS = 5;
/** Waits of an agent: for an upstream that does not answer, for its own server to obey a fence, for an answer of it. */
const SILENT_UPSTREAM_MS = 2_000;
const FENCE_MS = 2_000;
const NO_ANSWER_MS = 30_000;
/** For so long at most an agent that was told to end serves on. */
const HAND_OVER_MS = 20_000;
/** … and then lets its last answer get out. */
const ANSWER_MS = 100;
/** A probe that times out, and the pause before the next. */
const FAILED_PROBE_MS = 750;

/**
 * A model of one agent and its server, by the rules of `contract/agent-command.ts`: a log of entries, a role, fences.
 * What the agent keeps on disk survives a kill; what the server holds is its log. Of a frozen server the agent goes on
 * reporting what it said last.
 */
export class SimulatedServer {
  readonly name: string;
  readonly #peer: (name: string) => SimulatedServer;
  readonly #all: readonly string[];
  state: AgentReport['state'] = 'empty';
  role: 'primary' | 'replica' = 'primary';
  log: Entry[] = [];
  timeline = 1;
  upstream: string | null = null;
  detached = false;
  synchronous: { required: number; members: string[] } = { required: 0, members: [] };
  grantedEpoch: number | null = null;
  fence: AgentReport['fence'] = null;
  highestEpoch = 0;
  /** The agent answers the operator. */
  agentUp = true;
  /** Nobody has tried to reach its agent yet. */
  unseen = false;
  /** Its agent says nothing any more, over a connection that looks alive. */
  mute = false;
  /** How long it takes to copy everything; to write out what is dirty (null: its agent is too old to know how). */
  cloneMs = ON_THE_WAY_MS;
  checkpointMs: number | null = ON_THE_WAY_MS;
  /** Why it ends, by its log, as soon as it is started. */
  endsFor: 'DiskFull' | null = null;
  sequence = 0;
  readonly granted: number[] = [];
  /** Its agent can wait for what was written last before it detaches. */
  knowsMarks = true;
  /** Its agent can copy one that is not its upstream. */
  knowsDonors = true;
  /** Why no copy of it is finished. */
  copyFails: ((source: string) => { readonly code: string; readonly message: string } | null) | null = null;
  /** What its agent says in place of carrying a command out; null: it carries it out. */
  answers: ((kind: MemberCommand['kind']) => MemberOutcome | null) | null = null;
  /** Of whom copies were asked, in vain or not. */
  readonly copiesAsked: string[] = [];
  /** Of whom it was copied. */
  readonly copiedFrom: string[] = [];
  /** What it says that only it has, once that is found; null: its engine cannot tell. */
  tellsErrant: string | null = null;
  /** What the platform says of it; null: nothing. */
  platform: PlatformSighting | null = null;
  readonly #now: () => number;
  #frozenAt: number | null = null;
  #exitedAt = 0;
  #startedAt = 0;
  #leavingSince: number | null = null;
  #endingSince: number | null = null;
  #hasEnded = false;
  #reported: AgentReport['replication'] = null;
  #errant: string | null = null;

  constructor(name: string, world: World) {
    this.name = name;
    this.#all = world.names;
    this.#peer = world.peer;
    this.#now = world.now;
  }

  /** Every process of the server is there and answers nobody. */
  get frozen(): boolean {
    return this.#frozenAt !== null;
  }

  set frozen(frozen: boolean) {
    this.#frozenAt = frozen ? (this.#frozenAt ?? this.#now()) : null;
  }

  #followers(): readonly string[] {
    return this.#all.filter((name) => this.#peer(name).upstream === this.name);
  }

  get serves(): boolean {
    return this.state === 'running' && !this.frozen;
  }

  get streaming(): boolean {
    if (!this.serves || this.role !== 'replica' || this.detached || this.upstream === null) return false;
    const upstream = this.#peer(this.upstream);
    return upstream.serves && isPrefix(this.log, upstream.log);
  }

  /** Takes what its upstream has. An agent starts a server that ended by itself again. */
  replicate(): void {
    if (this.agentUp && this.#leavingSince !== null && this.#mayEnd(this.#leavingSince)) this.#endInOrder();
    const pauseMs = this.role === 'replica' ? 0 : PRIMARY_RESTART_MS;
    if (this.agentUp && this.state === 'exited' && this.#now() - this.#exitedAt >= pauseMs) this.#start();
    if (!this.streaming || this.upstream === null) return;
    const upstream = this.#peer(this.upstream);
    this.log = [...upstream.log];
    this.timeline = upstream.timeline;
  }

  /** Its agent is told to end: it serves on while another one can take over, then stops its server in order. */
  leave(): void {
    this.#leavingSince ??= this.#now();
  }

  /** Its container is killed, or has ended; the platform says so. */
  end(exitCode = 137): void {
    this.kill();
    this.#hasEnded = true;
    this.agentUp = false;
    this.platform = {
      instance: this.name,
      state: 'there',
      ends: [{ instance: this.name, at: this.#now(), exitCode, replacedAt: null }],
    };
  }

  /** Its host is in reach again; what has ended, or is about to, is followed by another process on the same data. */
  heal(): void {
    if (this.#leavingSince !== null) this.#stopInOrder('stop');
    if (this.#leavingSince !== null || this.#hasEnded) this.comeBack();
    this.agentUp = true;
  }

  /** Another process on the same data: it serves nobody before it is told to. */
  comeBack(): void {
    this.#hasEnded = false;
    this.#leavingSince = null;
    this.#endingSince = null;
    this.#startedAt = this.#now();
    this.agentUp = true;
    if (this.state === 'exited') this.#start();
  }

  #endInOrder(): void {
    this.#endingSince ??= this.#now();
    if (this.#now() - this.#endingSince < ANSWER_MS) return;
    this.#stopInOrder('stop');
    this.end(0);
  }

  #mayEnd(since: number): boolean {
    if (this.#now() - since >= HAND_OVER_MS) return true;
    if (this.fence === 'Demoted') return false;
    return this.grantedEpoch === null || !this.#followers().some((name) => this.#peer(name).streaming);
  }

  kill(): void {
    if (this.state === 'running') this.state = 'exited';
    this.#exitedAt = this.#now();
    this.frozen = false;
    this.#close();
  }

  /** Somebody took its data away. */
  lose(): void {
    this.kill();
    this.state = 'empty';
    this.log = [];
  }

  #close(): void {
    this.grantedEpoch = null;
    this.fence = this.role === 'primary' ? 'NoGrant' : null;
  }

  /** Appends an entry; true when it may be acknowledged, null when it waits for replicas. */
  append(id: string): boolean {
    this.log.push({ timeline: this.timeline, id });
    return this.acknowledged();
  }

  acknowledged(): boolean {
    const have = this.synchronous.members.filter((member) => {
      const replica = this.#peer(member);
      if (replica.upstream === this.name) replica.replicate();
      return replica.streaming && replica.upstream === this.name && replica.log.length === this.log.length;
    });
    return have.length >= this.synchronous.required;
  }

  /** How long a command takes: the way there and back, and what is waited for in vain. */
  durationMs(command: MemberCommand): number {
    if (this.frozen && command.kind !== 'stop') return command.kind === 'fence' ? FENCE_MS : NO_ANSWER_MS;
    if (command.kind === 'clone') return this.cloneMs;
    if (command.kind === 'checkpoint') return this.checkpointMs ?? ON_THE_WAY_MS;
    const isSilent = command.kind === 'follow' && !this.#peer(command.upstream.member).serves;
    return isSilent ? SILENT_UPSTREAM_MS : ON_THE_WAY_MS;
  }

  obey(epoch: number, command: MemberCommand): MemberOutcome {
    if (command.kind === 'checkpoint' && this.checkpointMs === null) {
      return { ok: false, failure: 'invalid', code: 'BadPayload', message: 'unknown' };
    }
    if (command.kind === 'detach' && command.after !== undefined && !this.knowsMarks) {
      return { ok: false, failure: 'invalid', code: 'BadPayload', message: 'unknown' };
    }
    if (command.kind === 'clone') this.copiesAsked.push((command.source ?? command.from).member);
    if (command.kind === 'clone' && command.source !== undefined && !this.knowsDonors) {
      return { ok: false, failure: 'invalid', code: 'BadPayload', message: 'unknown' };
    }
    if (epoch < this.highestEpoch) return { ok: false, failure: 'stale', code: 'StaleEpoch', message: '' };
    this.highestEpoch = epoch;
    return this.answers?.(command.kind) ?? this.#carryOut(epoch, command);
  }

  #carryOut(epoch: number, command: MemberCommand): MemberOutcome {
    switch (command.kind) {
      case 'initialize':
        if (this.state === 'empty') this.log = [{ timeline: 1, id: 'initialized' }];
        this.#start();
        return this.#done(command.kind);
      case 'clone':
        return this.#clone(command);
      case 'follow':
        return this.#follow(command.upstream.member);
      case 'rewind':
        return impossible('RewindUnavailable');
      case 'stop':
        return command.mode === 'fast' ? this.#stopInOrder(command.kind) : this.#stop(command.kind);
      case 'openForSalvage':
        if (this.state === 'empty') return impossible('NoData');
        if (this.frozen) return failed('Timeout');
        this.#start();
        this.fence = 'Salvage';
        return this.#done(command.kind);
      case 'grant':
        return this.#grant(epoch);
      case 'setPeers':
      case 'keepFor':
        return this.#done(command.kind);
      case 'fence':
        // One that does not obey is killed.
        if (this.frozen) return this.#stop(command.kind);
        return this.serves ? this.#onRunning(epoch, command) : impossible('NotRunning');
      default:
        if (this.frozen) return failed('Timeout');
        return this.serves ? this.#onRunning(epoch, command) : impossible('NotRunning');
    }
  }

  /** Waits until every attached replica has everything. */
  #stopInOrder(kind: string): MemberOutcome {
    for (const name of this.#followers()) this.#peer(name).replicate();
    return this.#stop(kind);
  }

  #stop(kind: string): MemberOutcome {
    if (this.state !== 'empty') this.state = 'stopped';
    this.frozen = false;
    this.#close();
    return this.#done(kind);
  }

  #onRunning(epoch: number, command: MemberCommand): MemberOutcome {
    switch (command.kind) {
      case 'detach':
        if (this.role !== 'replica') return impossible('NotReplica');
        if (command.after !== undefined) this.replicate();
        if (command.after !== undefined && !holdsPosition(position(this.log.length), command.after))
          return failed('Timeout');
        this.detached = true;
        return this.#done(command.kind);
      case 'promote':
        this.synchronous = command.synchronous;
        if (this.role === 'replica') this.timeline += 1;
        this.role = 'primary';
        this.upstream = null;
        this.detached = false;
        if (this.grantedEpoch === null) this.fence = 'NoGrant';
        return this.#done(command.kind);
      case 'setSynchronous':
        this.synchronous = command.synchronous;
        return this.#done(command.kind);
      case 'stamp': {
        if (this.role !== 'primary') return impossible('NotPrimary');
        const row = `epoch ${epoch}`;
        if (!this.log.some((entry) => entry.id === row)) this.append(row);
        return this.acknowledged() ? this.#done(command.kind) : failed('Timeout');
      }
      case 'fence':
        this.#close();
        this.fence = command.reason;
        return this.#done(command.kind);
      default:
        return this.#done(command.kind);
    }
  }

  #clone(command: Extract<MemberCommand, { kind: 'clone' }>): MemberOutcome {
    if (this.streaming && this.upstream === command.from.member) return this.#done('clone');
    if (this.state !== 'empty' && !command.wipe) return impossible('DataExists');
    const source = (command.source ?? command.from).member;
    if (!this.#peer(command.from.member).serves || !this.#peer(source).serves) return failed('unreachable upstream');
    const failure = this.copyFails?.(source) ?? null;
    if (failure !== null) return { ok: false, failure: 'failed', ...failure };
    this.copiedFrom.push(source);
    if (this.frozen) this.#stop('clone');
    this.#errant = null;
    this.#attach(command.from.member);
    this.log = [];
    this.replicate();
    return this.#done('clone');
  }

  #follow(upstream: string): MemberOutcome {
    if (this.state === 'empty') return impossible('NoData');
    if (this.frozen) return failed('Timeout');
    const other = this.#peer(upstream);
    if (other.serves && !isPrefix(this.log, other.log)) {
      this.#errant = this.tellsErrant;
      return impossible('Diverged');
    }
    this.#attach(upstream);
    this.replicate();
    return this.#done('follow');
  }

  #attach(upstream: string): void {
    this.role = 'replica';
    this.upstream = upstream;
    this.detached = false;
    this.synchronous = { required: 0, members: [] };
    this.#start();
  }

  #grant(epoch: number): MemberOutcome {
    if (this.role !== 'primary' || this.state === 'empty') return impossible('NotPrimary');
    this.#start();
    if (this.frozen || !this.serves) return failed('Timeout');
    if (this.grantedEpoch === null && !this.acknowledged()) return failed('Timeout');
    this.grantedEpoch = epoch;
    this.fence = null;
    this.granted.push(epoch);
    return this.#done('grant');
  }

  #start(): void {
    if (this.state === 'running') return;
    this.state = this.endsFor === null ? 'running' : 'exited';
    this.#exitedAt = this.#now();
    this.#close();
  }

  #done(kind: string): MemberOutcome {
    const received = position(this.log.length);
    return { ok: true, result: { kind, received, applied: received, timeline: this.timeline } };
  }

  report(partition: string): AgentReport {
    this.sequence += 1;
    if (this.state !== 'running') this.#reported = null;
    else if (!this.frozen) this.#reported = this.#replication();
    return {
      cluster: 'mail',
      partition,
      member: this.name,
      bootId: 'boot',
      instance: this.name,
      startedAt: this.#startedAt,
      ...(this.#leavingSince === null ? {} : { leaving: true }),
      sequence: this.sequence,
      state: this.state,
      activity: null,
      serverPid: null,
      serverVersion: '18',
      exit: this.state === 'exited' ? { code: null, signal: 'SIGKILL', lastLog: [], cause: this.endsFor } : null,
      probe: this.#probe(),
      replication: this.#reported,
      fence: this.fence,
      grantedEpoch: this.grantedEpoch,
      highestEpoch: this.highestEpoch,
      retainedBytes: 0,
      rebuild: null,
      ...(this.#errant === null ? {} : { errant: this.#errant }),
      ...(this.copiedFrom.length === 0 ? {} : { copiedBy: 'BaseBackup' as const }),
    };
  }

  #probe(): AgentReport['probe'] {
    const failures = this.#frozenAt === null ? 0 : Math.floor((this.#now() - this.#frozenAt) / FAILED_PROBE_MS);
    if (failures === 0) return { consecutiveFailures: 0, failure: null, message: null, latencyMs: 1 };
    return { consecutiveFailures: failures, failure: 'timeout', message: null, latencyMs: null };
  }

  #replication(): NonNullable<AgentReport['replication']> {
    const received = position(this.log.length);
    const follows = this.role === 'replica' && this.upstream !== null && !this.detached;
    return {
      role: this.role,
      systemIdentifier: '1',
      timeline: this.timeline,
      received,
      applied: received,
      epoch: 1,
      upstream: follows
        ? { member: this.upstream, streaming: this.streaming, silentMs: this.streaming ? 0 : 5_000 }
        : null,
      standbys: this.#followers().map((member) => {
        const { streaming } = this.#peer(member);
        return { member, streaming, synchronous: this.synchronous.members.includes(member), received: null };
      }),
      synchronous: this.synchronous,
    };
  }
}

/** What a server knows of the others. */
export type World = {
  readonly names: readonly string[];
  readonly peer: (name: string) => SimulatedServer;
  /** Monotonic milliseconds. */
  readonly now: () => number;
};

const failed = (message: string): MemberOutcome => ({ ok: false, failure: 'failed', code: 'Failed', message });

const isPrefix = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  a.length <= b.length && a.every((entry, index) => entry.id === b[index]?.id && entry.timeline === b[index]?.timeline);
