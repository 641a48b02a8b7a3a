import type { CopiedBy } from '#contract/agent-report.ts';
import { Impossible } from '#database/impossible.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { ConnectionLost } from '#database/mysql/connection/server-error.ts';
import { failureOf } from '#database/mysql/failure-of.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { observeServer } from '#database/mysql/observe.ts';
import { serverEnvironment } from '#database/mysql/programs/create-data.ts';
import { awaitApplied } from '#database/mysql/replication/applier.ts';
import { attachment } from '#database/mysql/replication/attachment.ts';
import { Checkpoints } from '#database/mysql/replication/checkpoint.ts';
import { heldUpCopy } from '#database/mysql/replication/copy-held-up.ts';
import { endSending } from '#database/mysql/replication/end-sending.ts';
import { promoteServer } from '#database/mysql/replication/promote.ts';
import { KnownLog, purgeLog } from '#database/mysql/replication/purge.ts';
import { stopReceiver } from '#database/mysql/replication/receiver.ts';
import { requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { UpstreamSilence } from '#database/mysql/replication/upstream-silence.ts';
import { awaitAlone } from '#database/mysql/sessions/await-alone.ts';
import { writeBarrier, writeEpoch } from '#database/mysql/sessions/durable-write.ts';
import { enterRepository } from '#database/mysql/sessions/enter-repository.ts';
import { greetServer } from '#database/mysql/sessions/greet.ts';
import { endMailSessions } from '#database/mysql/sessions/mail-sessions.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { SessionPool } from '#database/mysql/sessions/session-pool.ts';
import { Turns } from '#database/mysql/sessions/turns.ts';
import type { Observation } from '#database/observation.ts';
import { positionNumber } from '#database/position.ts';
import { type RoleName, roles } from '#database/roles.ts';
import { pause } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import type { MemberConfiguration } from '../configuration.ts';
import type {
  Comparison,
  CopyOrigin,
  DataState,
  Engine,
  KeepForOptions,
  Posture,
  Progress,
  RebuildReason,
} from '../engine.ts';
import type { Upstream } from '../memory/memory.ts';
import type { Passwords } from '../passwords.ts';
import type { LaunchPlan } from '../supervisor/supervisor.ts';
import { CopyOfAnother } from './copying/copy-of-another.ts';
import { ServingBackups } from './copying/serving-backups.ts';
import { DataDirectory } from './data-directory.ts';
import { verdictOfLine } from './log-verdict.ts';
import { Relayed } from './replication/relayed.ts';
import { UpstreamLink } from './replication/upstream-link.ts';
import { ServerPrograms } from './server-programs.ts';
import { AgentWrites } from './sessions/agent-writes.ts';
import { furnishServer } from './sessions/furnish.ts';
import { tellPosture } from './sessions/tell-posture.ts';
import { renewAdminPassword, writePasswords } from './sessions/write-passwords.ts';

/** A server that has just come up is told its posture within this time, and asked again otherwise. */
const OBEY_MS = 10_000;
/** To attach to the upstream after a start; later the agent's maintenance tries again. */
const FOLLOW_MS = 60_000;
/** For the last two sessions, that were left, to be ended by the server as well. */
const LEAVE_MS = 50;

/** Whether a posture shuts a door, or leaves an upstream, that the one before it did not. */
const isLess = ({ access, upstream }: Posture, before: Posture | null): boolean =>
  (access !== before?.access && (access === 'closed' || access === 'salvage')) ||
  (upstream === null && before?.upstream != null);

/** MariaDB 10.11 and later, or MySQL 8.4 and later, as the agent's engine. */
export class MysqlEngine implements Engine {
  readonly #configuration: MemberConfiguration;
  readonly #passwords: Passwords;
  readonly #programs: ServerPrograms;
  readonly #data: DataDirectory;
  readonly #link: UpstreamLink;
  /** Of MariaDB: MySQL goes on with what it has received. */
  readonly #relayed: Relayed | null;
  readonly #writes: AgentWrites;
  readonly #checkpoints: Checkpoints;
  /** Over the address that imapd uses: a kept session is one half of the probe. */
  readonly #watching: SessionPool;
  /** Over the local socket, for commands. */
  readonly #commanding: SessionPool;
  /** What changes replication or the posture: one at a time. */
  readonly #turns = new Turns();
  readonly serveCopy: Engine['serveCopy'];
  readonly #serving: ServingBackups | null;
  readonly requireDonor: Engine['requireDonor'];
  readonly #copies: CopyOfAnother;
  readonly #silence = new UpstreamSilence();
  #version: string | null = null;
  #role: 'primary' | 'replica' = 'primary';
  #posture: Posture | null = null;
  #retainedBytes: number | null = null;
  #passwordsOf = 0;
  /** It is about to be told to end in order. */
  #isEnding = false;
  #known = new KnownLog();
  /** What it would receive once it is drained to be stopped would not be applied any more. */
  #mayFollow = true;

  constructor(flavour: Flavour, configuration: MemberConfiguration, passwords: Passwords) {
    const { server, member } = configuration;
    const { host, port, database } = server;
    this.#configuration = configuration;
    this.#passwords = passwords;
    this.#programs = new ServerPrograms(server.binDirectory, flavour);
    this.#data = new DataDirectory({
      ...{ flavour, member, database, path: server.dataDirectory, parameters: server.parameters },
      address: { listenAddresses: server.listenAddresses ?? host, port, socketDirectory: server.socketDirectory },
      adminPassword: () => passwords.current.admin,
    });
    this.#relayed = flavour === 'mariadb' ? new Relayed(this.#data.relayedFile) : null;
    this.#link = new UpstreamLink(passwords, database, this.#relayed);
    const [data, link, programs] = [this.#data, this.#link, this.#programs];
    this.#copies = new CopyOfAnother({ configuration, passwords, programs, data, link });
    this.requireDonor = (origin, signal) => this.#copies.require(origin, signal);
    const admin = { user: roles.admin, passwords: () => passwords.candidates('admin') };
    this.#watching = new SessionPool({ ...admin, endpoint: { host, port }, role: 'monitor' }, 2);
    this.#commanding = new SessionPool({ ...admin, endpoint: { socketPath: this.#data.socketPath }, role: 'admin' }, 3);
    // MySQL's servers copy themselves.
    const served = { data, programs, admin: this.#admin.bind(this) };
    const serving = flavour === 'mariadb' ? new ServingBackups(served) : null;
    this.#serving = serving;
    this.serveCopy = serving && ((signal) => serving.serve(signal));
    this.#writes = new AgentWrites({ database, use: (signal, use) => this.#admin(signal, use) });
    this.#checkpoints = new Checkpoints((signal, use) => this.#admin(signal, use));
  }

  async version(): Promise<string> {
    this.#version ??= await this.#programs.version();
    return this.#version;
  }

  inspect(): Promise<DataState> {
    return this.#data.inspect();
  }

  launchPlan(): LaunchPlan {
    const args = [`--defaults-file=${this.#data.optionsFile}`];
    return { command: this.#programs.server, args, env: serverEnvironment };
  }

  /** The server starts shut, read-only and alone: what more it is to be it is told before it counts as ready. */
  async isReady(pid: number): Promise<boolean> {
    if ((await this.#data.notedProcess()) !== pid || this.#posture === null) return false;
    const posture = this.#posture;
    const limit = AbortSignal.timeout(OBEY_MS);
    try {
      await this.#turns.take(limit, () =>
        this.#pair(limit, (pair) => tellPosture(pair, { role: this.#role, posture })),
      );
    } catch (error) {
      if (error instanceof ConnectionLost) return false;
      throw error;
    }
    void settled(this.#followUpstream(AbortSignal.timeout(FOLLOW_MS)));
    return true;
  }

  async createEmpty(progress: Progress, signal: AbortSignal): Promise<void> {
    progress('initializing', null);
    await this.#programs.initialize(await this.#data.prepareIncoming(), signal);
    await this.#data.adoptIncoming('primary');
  }

  /** The accounts are new, and let in by whoever made them. */
  async furnish(signal: AbortSignal): Promise<void> {
    const { database } = this.#configuration.server;
    const options = { database, passwords: this.#passwords.current };
    await this.#admin(signal, (admin) => furnishServer(admin, options));
    if (this.#posture !== null) await this.applyPosture(this.#posture, signal);
  }

  copyFrom(origin: CopyOrigin, progress: Progress, signal: AbortSignal): Promise<CopiedBy> {
    return this.#copies.make(origin, progress, signal);
  }

  async rewindOnto(): Promise<void> {
    throw new Impossible('RewindUnavailable', 'servers of this kind cannot be rewound: clone instead');
  }

  clearUnfinished(): Promise<void> {
    return this.#data.clearUnfinished();
  }

  async removeData(): Promise<void> {
    this.#posture = null;
    await this.#relayed?.forget();
    await this.#data.remove();
  }

  async turnInto(role: 'primary' | 'replica'): Promise<void> {
    if (role === 'replica' && (await this.inspect()) === 'primary') await this.#relayed?.begin();
    await this.#data.turnInto(role);
  }

  async writePosture(posture: Posture): Promise<void> {
    await this.#relayed?.start();
    await this.#write(posture);
    await this.#data.removeServerNote();
  }

  async applyPosture(posture: Posture, signal: AbortSignal): Promise<void> {
    const before = this.#posture;
    await this.#write(posture);
    if (isLess(posture, before)) await this.#serving?.giveUp(signal);
    await this.#turns.take(signal, () =>
      this.#pair(signal, async (pair) => {
        await tellPosture(pair, { role: this.#role, posture });
        if (this.#role === 'replica' && posture.upstream === null) await stopReceiver(pair, signal);
      }),
    );
    await this.#followUpstream(signal);
  }

  settle(signal: AbortSignal): Promise<void> {
    const required = this.#required;
    return this.#turns.take(signal, () => this.#admin(signal, (admin) => requireAcknowledgements(admin, required)));
  }

  endMailSessions(signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
    return this.#pair(signal, (pair) => endMailSessions(pair, signal));
  }

  async observe(signal: AbortSignal): Promise<Observation> {
    this.#mustNotEnd();
    const { database } = this.#configuration.server;
    return await this.#watching.use(signal, async (connection) => {
      const observation = await observeServer(connection, {
        role: this.#role,
        upstream: this.#posture?.upstream ?? null,
        synchronous: this.#posture?.synchronous ?? { required: 0, members: [] },
        silence: this.#silence,
        retainedBytes: this.#retainedBytes,
        hasEpochs: await enterRepository(connection, database),
      });
      const { replication } = observation;
      await this.#relayed?.reach(replication.received);
      const mayLack = replication.role === 'replica' && this.#relayed?.mayLack === true;
      return {
        ...observation,
        replication: mayLack ? { ...replication, mayLack } : replication,
        rebuild: this.#upstream && (this.#link.verdict ?? observation.rebuild ?? null),
      };
    });
  }

  async greet(signal: AbortSignal): Promise<void> {
    this.#mustNotEnd();
    await greetServer(this.#configuration.server.host, this.#configuration.server.port, signal);
  }

  readonly stopSignals = { fast: 'SIGTERM', immediate: 'SIGKILL' } as const;

  /**
   * At SIGTERM servers answer OK to whoever waits in COMMIT. So nobody may, before: which a fence sees to as well. Of a replica what
   * was received, and perhaps acknowledged, does not outlive the next start where it is not applied.
   */
  async mayStopGently(signal: AbortSignal): Promise<boolean> {
    await this.#serving?.giveUp(signal);
    if (this.#role === 'replica') {
      this.#mayFollow = false;
      await this.awaitSilence(null, signal);
      return true;
    }
    const posture: Posture = { access: 'closed', upstream: null, synchronous: this.#synchronous, retainBytes: 0 };
    const ended = await this.#turns.take(signal, () =>
      this.#pair(signal, async (pair) => {
        await tellPosture(pair, { role: 'primary', posture });
        const outcome = await endMailSessions(pair, signal);
        if (outcome !== 'ended') return outcome;
        await endSending(pair.watcher, signal);
        this.#isEnding = true;
        this.#watching.drop();
        if (this.#configuration.engine === 'mysql') await awaitAlone(pair, signal);
        return outcome;
      }),
    );
    // By MySQL whoever is there still, if only for a moment, is waited for, 2 s.
    this.forget();
    this.#isEnding = true;
    if (this.#configuration.engine === 'mysql') await pause(LEAVE_MS, signal);
    return ended === 'ended';
  }

  failureOf = failureOf;

  positionOf(position: string): number {
    return Number(positionNumber(position));
  }

  hear(logLine: string): RebuildReason | null {
    return verdictOfLine(logLine);
  }

  forget(): void {
    this.#isEnding = false;
    this.#mayFollow = true;
    this.#watching.drop();
    this.#commanding.drop();
    this.#silence.forget();
    this.#writes.forget();
    this.#checkpoints.forget();
    this.#known = new KnownLog();
  }

  /** Where the log of a stopped server ends only the server can tell. */
  async compare(upstream: Upstream, running: boolean, signal: AbortSignal): Promise<Comparison> {
    if (!running) return (await this.#link.ask(upstream, signal)) === null ? 'silent' : 'unknown';
    const role = this.#role;
    const verdict = await this.#admin(signal, (connection) =>
      this.#link.compare({ connection, role }, upstream, signal),
    );
    if (verdict !== 'logRemoved') return verdict;
    throw new Impossible('LogRemoved', `${upstream.member} does not have the log any more that comes next`);
  }

  errant(): string | null {
    return this.#link.errant;
  }

  /** Upstreams keep log for whom they are told to, and are asked for nothing else. What stands still is told again to follow. */
  async reserve(upstream: Upstream, signal: AbortSignal): Promise<void> {
    await this.#link.ask(upstream, signal);
    await this.#followUpstream(signal);
  }

  attachment(): (observation: Observation) => boolean {
    return attachment(this.#link.position);
  }

  /** What was received is applied as well: it may not outlive the next upstream. */
  awaitSilence(_: Upstream | null, signal: AbortSignal): Promise<void> {
    return this.#turns.take(signal, () =>
      this.#pair(signal, async (pair) => {
        await stopReceiver(pair, signal);
        await this.#relayed?.drain(await awaitApplied(pair.waiter, signal));
      }),
    );
  }

  async awaitApplied(signal: AbortSignal): Promise<void> {
    await this.#admin(signal, (admin) => awaitApplied(admin, signal));
  }

  checkpoint(after: string | null, signal: AbortSignal): Promise<void> {
    return this.#checkpoints.take(after, signal);
  }

  /** Only then for replicas of its own: what it had received before would have waited for them. */
  async promote(signal: AbortSignal): Promise<void> {
    await this.#serving?.giveUp(signal);
    await this.#turns.take(signal, () =>
      this.#pair(signal, async (pair) => {
        await promoteServer(pair, signal);
        await this.#data.turnInto('primary');
        this.#role = 'primary';
        await requireAcknowledgements(pair.watcher, this.#required);
      }),
    );
  }

  barrier(signal: AbortSignal): Promise<void> {
    return this.#writes.durably(this.#durable(signal), writeBarrier);
  }

  stampEpoch(stamp: { epoch: number; uidGap: number }, signal: AbortSignal): Promise<void> {
    const { member } = this.#configuration;
    return this.#writes.durably(this.#durable(signal), (write) => writeEpoch(write, { ...stamp, member }));
  }

  renewPasswords(signal: AbortSignal): Promise<readonly RoleName[]> {
    const options = { passwords: this.#passwords, socketPath: this.#data.socketPath };
    return this.#writes.durably(this.#durable(signal), (write) => writePasswords(write, options));
  }

  async keepFor({ members, received }: KeepForOptions, signal: AbortSignal): Promise<void> {
    const retainBytes = this.#posture?.retainBytes ?? Number.POSITIVE_INFINITY;
    const known = members.map((member) => received.get(member) ?? null);
    await this.#admin(signal, async (connection) => {
      this.#retainedBytes = await purgeLog(connection, { received: known, retainBytes }, this.#known);
      await this.#renewAdmin(connection);
      if (this.#upstream !== null) await this.#link.aim(connection, this.#upstream, signal);
    });
    if (this.#required > 0) await this.#writes.nudge(signal);
  }

  /** It would hold up the end. */
  #mustNotEnd(): void {
    if (this.#isEnding) throw new Error('the server is about to end');
  }

  heldUpCopy(signal: AbortSignal): Promise<number | null> {
    return this.#admin(signal, heldUpCopy);
  }

  get #synchronous(): Posture['synchronous'] {
    return this.#posture?.synchronous ?? { required: 0, members: [] };
  }

  /** Acknowledgements that a commit of this server waits for. */
  get #required(): number {
    return this.#role === 'primary' ? this.#synchronous.required : 0;
  }

  async #write(posture: Posture): Promise<void> {
    this.#role = (await this.#data.inspect()) === 'replica' ? 'replica' : 'primary';
    if (posture.upstream?.member !== this.#posture?.upstream?.member) this.#link.forgetVerdict();
    this.#posture = posture;
    await this.#data.writeConfiguration(posture);
  }

  async #followUpstream(signal: AbortSignal): Promise<void> {
    await this.#turns.take(signal, async () => {
      // As it is by now.
      const upstream = this.#upstream;
      if (upstream === null || !this.#mayFollow) return;
      await this.#pair(signal, (pair) => this.#link.follow(pair, upstream, signal));
    });
  }

  /** Whom this server is to follow by now; null: nobody. */
  get #upstream(): Upstream | null {
    return this.#role === 'replica' ? (this.#posture?.upstream ?? null) : null;
  }

  /** Each member's own account, which no log brings. */
  async #renewAdmin(connection: MysqlConnection): Promise<void> {
    const { generation } = this.#passwords;
    if (this.#passwordsOf === generation) return;
    await renewAdminPassword({ connection }, { passwords: this.#passwords, socketPath: this.#data.socketPath });
    this.#passwordsOf = generation;
  }

  #durable(signal: AbortSignal): { readonly synchronous: Posture['synchronous']; readonly signal: AbortSignal } {
    return { synchronous: this.#synchronous, signal };
  }

  #admin<T>(signal: AbortSignal, use: (admin: MysqlConnection) => Promise<T>): Promise<T> {
    return this.#commanding.use(signal, use);
  }

  #pair<T>(signal: AbortSignal, use: (pair: SessionPair) => Promise<T>): Promise<T> {
    return this.#admin(signal, (waiter) => this.#admin(signal, (watcher) => use({ waiter, watcher })));
  }
}
