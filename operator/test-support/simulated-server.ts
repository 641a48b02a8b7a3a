import type { MemberCommand } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberOutcome } from '../ports.ts';

export type Entry = { readonly timeline: number; readonly id: string };

/** A log position of `count` entries, as PostgreSQL writes one. */
const position = (count: number): string => `0/${(count + 1).toString(16).toUpperCase()}`;

const impossible = (code: string): MemberOutcome => ({ ok: false, failure: 'impossible', code, message: code });

/**
 * A model of one agent and its server, by the rules of `contract/agent-command.ts`: a log of entries, a role, fences.
 * What the agent keeps on disk survives a kill; what the server holds is its log.
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
  /** The agent answers the operator; the server answers anybody; the host is reachable for its peers. */
  agentUp = true;
  frozen = false;
  sequence = 0;
  readonly granted: number[] = [];

  constructor(name: string, all: readonly string[], peer: (name: string) => SimulatedServer) {
    this.name = name;
    this.#all = all;
    this.#peer = peer;
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

  /** Takes what its upstream has. An agent starts a replica that ended by itself again. */
  replicate(): void {
    if (this.agentUp && this.state === 'exited' && this.role === 'replica') this.#start();
    if (!this.streaming || this.upstream === null) return;
    const upstream = this.#peer(this.upstream);
    this.log = [...upstream.log];
    this.timeline = upstream.timeline;
  }

  kill(): void {
    if (this.state === 'running') this.state = 'exited';
    this.frozen = false;
    this.#close();
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

  obey(epoch: number, command: MemberCommand): MemberOutcome {
    if (epoch < this.highestEpoch) return { ok: false, failure: 'stale', code: 'StaleEpoch', message: '' };
    this.highestEpoch = epoch;
    return this.#carryOut(epoch, command);
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
        // An orderly stop waits until every attached replica has everything.
        if (command.mode === 'fast') for (const name of this.#followers()) this.#peer(name).replicate();
        if (this.state !== 'empty') this.state = 'stopped';
        this.frozen = false;
        this.#close();
        return this.#done(command.kind);
      case 'openForSalvage':
        this.#start();
        this.fence = 'Salvage';
        return this.#done(command.kind);
      case 'grant':
        return this.#grant(epoch);
      case 'setPeers':
      case 'keepFor':
        return this.#done(command.kind);
      default:
        return this.serves ? this.#onRunning(epoch, command) : impossible('NotRunning');
    }
  }

  #onRunning(epoch: number, command: MemberCommand): MemberOutcome {
    switch (command.kind) {
      case 'detach':
        if (this.role !== 'replica') return impossible('NotReplica');
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
    if (!this.#peer(command.from.member).serves) return failed('unreachable upstream');
    this.#attach(command.from.member);
    this.log = [];
    this.replicate();
    return this.#done('clone');
  }

  #follow(upstream: string): MemberOutcome {
    if (this.state === 'empty') return impossible('NoData');
    const other = this.#peer(upstream);
    if (other.serves && !isPrefix(this.log, other.log)) return impossible('Diverged');
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
    if (this.frozen) return failed('Timeout');
    if (this.grantedEpoch === null && !this.acknowledged()) return failed('Timeout');
    this.grantedEpoch = epoch;
    this.fence = null;
    this.granted.push(epoch);
    return this.#done('grant');
  }

  #start(): void {
    if (this.state === 'running') return;
    this.state = 'running';
    this.#close();
  }

  #done(kind: string): MemberOutcome {
    const received = position(this.log.length);
    return { ok: true, result: { kind, received, applied: received, timeline: this.timeline } };
  }

  report(partition: string): AgentReport {
    this.sequence += 1;
    const running = this.serves;
    const received = position(this.log.length);
    return {
      cluster: 'mail',
      partition,
      member: this.name,
      bootId: 'boot',
      sequence: this.sequence,
      state: this.state,
      activity: null,
      serverPid: null,
      serverVersion: '18',
      exit: this.state === 'exited' ? { code: null, signal: 'SIGKILL', lastLog: [] } : null,
      probe: this.frozen
        ? { consecutiveFailures: 5, failure: 'timeout', message: null, latencyMs: null }
        : { consecutiveFailures: 0, failure: null, message: null, latencyMs: 1 },
      replication: !running
        ? null
        : {
            role: this.role,
            systemIdentifier: '1',
            timeline: this.timeline,
            received,
            applied: received,
            epoch: 1,
            upstream:
              this.role === 'replica' && this.upstream !== null && !this.detached
                ? { member: this.upstream, streaming: this.streaming, silentMs: this.streaming ? 0 : 5_000 }
                : null,
            standbys: [],
            synchronous: this.synchronous,
          },
      fence: this.fence,
      grantedEpoch: this.grantedEpoch,
      highestEpoch: this.highestEpoch,
      retainedBytes: 0,
      rebuild: null,
    };
  }
}

const failed = (message: string): MemberOutcome => ({ ok: false, failure: 'failed', code: 'Failed', message });

const isPrefix = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  a.length <= b.length && a.every((entry, index) => entry.id === b[index]?.id && entry.timeline === b[index]?.timeline);
