import type { CommandResult, MemberCommand } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import { Impossible } from '#database/impossible.ts';
import { keepSlots } from '#database/postgres/replication/slots.ts';
import type { MemberSpec, PartitionSpec } from '../../../partition/partition-spec.ts';
import { carryOutBySql } from '../carry-out.ts';
import type {
  EngineServer,
  Kept,
  Look,
  OpenServers,
  OpenServersOptions,
  SqlOrder,
  SqlProbe,
} from '../engine-server.ts';
import type { SqlFailure } from '../sql-failure.ts';
import { handlers } from './handlers.ts';
import { postgresFailure } from './postgres-failure.ts';
import { lookAt, type PostgresLook, type ProbeContext, probeServer } from './probe-server.ts';
import { hasLogFrom, readLog, reserveSlotBySql } from './read-log.ts';
import type { Neighbour, SqlContext } from './sql-context.ts';
import { SqlServer } from './sql-server.ts';

export const openPostgresServers: OpenServers = (options) => {
  const servers = new Map<MemberName, PostgresServer>();
  for (const spec of options.partition.members) {
    servers.set(spec.name, new PostgresServer({ ...options, spec, neighbour: (member) => servers.get(member) }));
  }
  return servers;
};

type PostgresServerOptions = OpenServersOptions & {
  readonly spec: MemberSpec;
  readonly neighbour: (member: MemberName) => PostgresServer | undefined;
};

class PostgresServer implements EngineServer {
  readonly #spec: MemberSpec;
  readonly #partition: PartitionSpec;
  readonly #neighbour: PostgresServerOptions['neighbour'];
  readonly #server: SqlServer;
  #seen: Look['observation']['replication'] | null = null;
  /** Highest timeline in one life of the server: its control file lags behind. */
  #known = { life: '', timeline: 0 };

  constructor({ partition, spec, credentials, neighbour }: PostgresServerOptions) {
    this.#spec = spec;
    this.#partition = partition;
    this.#neighbour = neighbour;
    this.#server = new SqlServer({
      member: spec.name,
      endpoint: spec.endpoint,
      tls: partition.tls,
      database: partition.database,
      credentials: () => credentials(partition.name),
    });
  }

  failureOf = postgresFailure;

  probe(signal: AbortSignal): Promise<SqlProbe> {
    return probeServer(this.#server, this.#probing(), signal);
  }

  look(signal: AbortSignal): Promise<PostgresLook> {
    return lookAt(this.#server, this.#probing(), signal);
  }

  note({ facts, observation: { replication } }: PostgresLook): void {
    this.#server.useDatabase(facts.hasDatabase);
    this.#seen = replication;
    const timeline = Math.max(this.#timelineIn(facts.life) ?? 0, replication.timeline);
    this.#known = { life: facts.life, timeline };
  }

  noteFailure({ code }: SqlFailure): void {
    // invalid_catalog_name: the repository's database has not been made yet.
    if (code === '3D000') this.#server.useDatabase(false);
    else this.#server.drop();
  }

  systemIdentifier(): string | null {
    return this.#seen?.systemIdentifier ?? null;
  }

  /** As last seen; 0 where it was not. */
  get timeline(): number {
    return this.#seen?.timeline ?? 0;
  }

  carryOut(command: MemberCommand, order: SqlOrder): Promise<CommandResult> {
    return carryOutBySql(handlers, command, this.#context(order));
  }

  /** On a replica nobody streams from its slots: they follow what their members have received. */
  async maintain({ members, received }: Kept, signal: AbortSignal): Promise<void> {
    if (members.length === 0) return;
    await this.#server.use(signal, (admin) => keepSlots(admin, { members, received, exactly: false }));
  }

  drop(): void {
    this.#server.drop();
  }

  close(): void {
    this.#server.close();
  }

  #timelineIn(life: string): number | null {
    return this.#known.life === life ? this.#known.timeline : null;
  }

  #probing(): ProbeContext {
    const { database, members } = this.#partition;
    return {
      member: this.#spec.name,
      database,
      members,
      knownTimeline: (life) => this.#timelineIn(life),
      timelineOf: (member) => this.#neighbour(member)?.timeline ?? 0,
    };
  }

  #context(order: SqlOrder): SqlContext {
    const { database, members } = this.#partition;
    return {
      ...order,
      member: this.#spec.name,
      database,
      members,
      server: this.#server,
      look: async () => {
        const look = await this.look(order.signal);
        this.note(look);
        return look;
      },
      neighbour: (member) => this.#asNeighbour(member),
    };
  }

  #asNeighbour(member: MemberName): Neighbour {
    const found = this.#neighbour(member);
    if (found === undefined) throw new Impossible('Unknown', `there is no member ${member}`);
    const server = found.#server;
    return {
      log: (signal) => server.use(signal, readLog),
      hasLogFrom: (position, signal) => server.use(signal, (admin) => hasLogFrom(admin, position)),
      reserve: (who, signal) => server.use(signal, (admin) => reserveSlotBySql(admin, who)),
    };
  }
}
