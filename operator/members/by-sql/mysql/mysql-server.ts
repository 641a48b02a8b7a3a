import type { CommandResult, MemberCommand } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import { Impossible } from '#database/impossible.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Standby } from '#database/mysql/observe.ts';
import { readUpstreamLog, type Upstream } from '#database/mysql/replication/compare.ts';
import { UpstreamSilence } from '#database/mysql/replication/upstream-silence.ts';
import type { MemberSpec, PartitionSpec } from '../../../partition/partition-spec.ts';
import { carryOutBySql } from '../carry-out.ts';
import type {
  EngineServer,
  Kept,
  OpenServers,
  OpenServersOptions,
  SqlOrder,
  SqlProbe,
  Unfit,
} from '../engine-server.ts';
import type { SqlFailure } from '../sql-failure.ts';
import type { MysqlContext } from './context.ts';
import { NotFit } from './fitness/not-fit.ts';
import { OpensAtStart } from './fitness/opens-at-start.ts';
import { type Fitness, readFitness } from './fitness/read-fitness.ts';
import { missingRights, readRights } from './fitness/rights.ts';
import { strangeAcknowledgers } from './fitness/strange-acknowledgers.ts';
import { unfit } from './fitness/unfit.ts';
import { handlers } from './handlers.ts';
import type { MysqlFacts } from './looks/facts.ts';
import { identityOf } from './looks/identity.ts';
import { type LookContext, lookAt, type MysqlLook, mayGreet, probe } from './looks/look.ts';
import { mysqlFailure } from './mysql-failure.ts';
import { MysqlSessions } from './sessions.ts';
import { Tending } from './tend.ts';

/** Of MariaDB and of MySQL. */
export const openMysqlServers: OpenServers = (options) => {
  const servers = new Map<MemberName, MysqlServer>();
  for (const spec of options.partition.members) servers.set(spec.name, new MysqlServer({ ...options, spec, servers }));
  return servers;
};

type MysqlServerOptions = OpenServersOptions & {
  readonly spec: MemberSpec;
  /** All of the partition, this one too. */
  readonly servers: ReadonlyMap<MemberName, MysqlServer>;
};

/** Between two closer looks at what a server is set up for; in a new life of it there is one at once. */
const JUDGE_AGAIN_MS = 5_000;

class MysqlServer implements EngineServer {
  readonly #spec: MemberSpec;
  readonly #partition: PartitionSpec;
  readonly #servers: MysqlServerOptions['servers'];
  readonly #sessions: MysqlSessions;
  readonly #silence = new UpstreamSilence();
  readonly #opensAtStart = new OpensAtStart();
  readonly #tending: Tending;
  #fitness: Fitness | null = null;
  #judgedAt = Number.NEGATIVE_INFINITY;
  #seen: MysqlLook | null = null;

  constructor({ partition, spec, credentials, servers }: MysqlServerOptions) {
    this.#spec = spec;
    this.#partition = partition;
    this.#servers = servers;
    this.#sessions = new MysqlSessions({
      member: spec.name,
      endpoint: spec.endpoint,
      tls: partition.tls,
      database: partition.database,
      credentials: () => credentials(partition.name),
    });
    this.#tending = new Tending({
      sessions: this.#sessions,
      members: partition.members,
      look: (signal) => this.look(signal),
      logOf: (member, signal) => this.#logOf(member, signal),
    });
  }

  failureOf = mysqlFailure;

  /** As last seen. */
  get seen(): MysqlLook | null {
    return this.#seen;
  }

  get name(): MemberName {
    return this.#spec.name;
  }

  get sessions(): MysqlSessions {
    return this.#sessions;
  }

  probe(signal: AbortSignal): Promise<SqlProbe> {
    return probe(this.#sessions, this.#looking(), signal);
  }

  look(signal: AbortSignal): Promise<MysqlLook> {
    return lookAt(this.#sessions, this.#looking(), signal);
  }

  note(look: MysqlLook): void {
    if (look.facts.life !== this.#seen?.facts.life) this.#judgedAt = Number.NEGATIVE_INFINITY;
    this.#seen = look;
  }

  noteFailure({ unfit: problem }: SqlFailure): void {
    // It answers, and what it says is to be mended.
    if (problem === undefined) this.#sessions.drop();
  }

  systemIdentifier(): string | null {
    return identityOf({ look: this.#seen, withServerId: (serverId) => this.#withServerId(serverId)?.seen ?? null });
  }

  carryOut(command: MemberCommand, order: SqlOrder): Promise<CommandResult> {
    return carryOutBySql(handlers, command, this.#context(order));
  }

  async maintain(_: Kept, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#seen !== null) this.#tending.tend(this.#seen);
  }

  drop(): void {
    this.#silence.forget();
    this.#sessions.drop();
  }

  close(): void {
    this.#sessions.close();
  }

  #withServerId(serverId: number): MysqlServer | undefined {
    return [...this.#servers.values()].find(({ seen }) => seen?.facts.serverId === serverId);
  }

  #looking(): LookContext {
    return {
      members: this.#partition.members,
      silence: this.#silence,
      mayGreet: mayGreet(this.#seen?.facts),
      standbyName: (standby) => this.#nameOf(standby),
      judge: (connection) => this.#judge(connection),
      unfit: (facts, standbys) => this.#unfit(facts, standbys),
    };
  }

  #nameOf({ host, serverId }: Standby): string {
    return this.#withServerId(serverId)?.name ?? `server_id ${serverId}${host === '' ? '' : ` (${host})`}`;
  }

  async #judge(connection: MysqlConnection): Promise<void> {
    if (performance.now() - this.#judgedAt < JUDGE_AGAIN_MS) return;
    const missing = missingRights(await readRights(connection), connection.flavour, this.#partition.database);
    if (missing !== null) throw new NotFit(missing);
    this.#fitness = await readFitness(connection);
    this.#judgedAt = performance.now();
  }

  #unfit(facts: MysqlFacts, standbys: readonly string[]): Unfit | null {
    if (this.#fitness === null) return null;
    const { engine, database, members } = this.#partition;
    const others = [...this.#servers.values()].filter((server) => server !== this);
    return unfit(
      { facts, fitness: this.#fitness },
      {
        engine,
        database,
        sameServerId: (serverId) =>
          others.filter(({ seen }) => seen?.facts.serverId === serverId).map(({ name }) => name),
        opensAtStart: this.#opensAtStart.note(facts),
        strangeAcknowledgers: strangeAcknowledgers({
          standbys,
          members: members.map(({ name }) => name),
          acknowledging: facts.semiSync.replicas,
          allSeen: others.every(({ seen }) => seen !== null),
        }),
      },
    );
  }

  #context(order: SqlOrder): MysqlContext {
    return {
      ...order,
      member: this.#spec.name,
      database: this.#partition.database,
      sessions: this.#sessions,
      look: async () => {
        const look = await this.look(order.signal);
        this.note(look);
        return look;
      },
      logOf: (member, signal) => this.#logOf(member, signal),
    };
  }

  async #logOf(member: MemberName, signal: AbortSignal): Promise<Upstream> {
    const server = this.#servers.get(member);
    if (server === undefined) throw new Impossible('Unknown', `there is no member ${member}`);
    return await server.sessions.inRepository(signal, readUpstreamLog);
  }
}
