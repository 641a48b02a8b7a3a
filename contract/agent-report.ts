import { type Static, Type } from 'typebox';
import { MemberEndpoint } from './routing-document.ts';

/**
 * What a member agent says of itself and its server. A channel (`channel.ts`) at `/v1/stream` carries lines of JSON: down one
 * report at once, one at every change, one each second as a heartbeat, in place of each that says nothing new but figures a `Beat`
 * (`beat.ts`); up the reader's `Heard` for each; of those of a replica, which nothing depends on, for one every few seconds. An
 * open connection proves nothing: a host that was unplugged closes none. So each side gives the other up when it has heard nothing
 * for long. `GET /v1/status` answers with a single report. Both want the bearer token.
 */
export const STREAM_PATH = '/v1/stream';
export const STATUS_PATH = '/v1/status';

/** Life of the database server under the agent. */
export const ServerState = Type.Union([
  Type.Literal('empty'), // no data directory yet
  Type.Literal('working'), // initialising, cloning or rewinding: see `activity`
  Type.Literal('starting'),
  Type.Literal('running'),
  Type.Literal('stopped'), // stopped on command
  Type.Literal('exited'), // ended by itself or was killed
]);
export type ServerState = Static<typeof ServerState>;

/** Why a server refuses mail although it runs. */
export const FenceReason = Type.Union([
  Type.Literal('NoGrant'), // started as a primary, no grant for the current epoch yet
  Type.Literal('Isolated'), // cut off from operator and peers
  Type.Literal('Demoted'), // told to stop writing
  Type.Literal('Salvage'), // opened for salvage only
]);
export type FenceReason = Static<typeof FenceReason>;

/** A log position as the engine writes it (PostgreSQL: `16/B374D848`). Compare with `database/`, never as text. */
const Position = Type.String();
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const ReplicationReport = Type.Object({
  role: Type.Union([Type.Literal('primary'), Type.Literal('replica')]),
  systemIdentifier: Type.String(),
  timeline: Type.Integer(),
  /** Durable on this member: written (primary) or received and flushed (replica). */
  received: Position,
  /** Visible to readers of this member. */
  applied: Position,
  /**
   * Replica: it may lack what it has acknowledged. Its server was started, which loses what was received and not applied (MariaDB), and
   * has not been level since with what its upstream had by then. Absent: it lacks nothing of that.
   */
  mayLack: Type.Optional(Type.Literal(true)),
  /** Epoch row as this member shows it; null before the first stamp. */
  epoch: nullable(Type.Integer()),
  /**
   * Replica: where it streams from. `endpoint`: under which address it was told to; another one by now is a reason to tell
   * it again. `silentMs`: since the last message of the upstream.
   */
  upstream: nullable(
    Type.Object({
      member: nullable(Type.String()),
      endpoint: Type.Optional(MemberEndpoint),
      streaming: Type.Boolean(),
      silentMs: nullable(Type.Number()),
    }),
  ),
  /** Primary: who streams from it. */
  standbys: Type.Array(
    Type.Object({
      member: Type.String(),
      streaming: Type.Boolean(),
      synchronous: Type.Boolean(),
      received: nullable(Position),
    }),
  ),
  /** Commits wait for `required` of `members`; required 0 = asynchronous. */
  synchronous: Type.Object({ required: Type.Integer(), members: Type.Array(Type.String()) }),
});
export type ReplicationReport = Static<typeof ReplicationReport>;

/** How a member came by its data: as a whole from another one, or, where that still had it, by all of the log. */
export const CopiedBy = Type.Union([
  Type.Literal('BaseBackup'), // PostgreSQL
  Type.Literal('Clone'), // MySQL
  Type.Literal('MariadbBackup'), // MariaDB, by the agent of whoever was copied
  Type.Literal('Log'), // MariaDB and MySQL
]);
export type CopiedBy = Static<typeof CopiedBy>;

export const AgentReport = Type.Object({
  cluster: Type.String(),
  partition: Type.String(),
  member: Type.String(),
  /** Random per agent process: a new one means that the agent was restarted. */
  bootId: Type.String(),
  /** By what name the platform knows where it runs (the uid of its pod). Absent: it knows it by none. */
  instance: Type.Optional(Type.String()),
  /**
   * When the agent's process began, by the clock of its host: milliseconds since 1970. An end that the platform tells of is
   * this process's only if it is later.
   */
  startedAt: Type.Optional(Type.Integer()),
  /** + 1 per report of a boot. */
  sequence: Type.Integer(),
  state: ServerState,
  /** What `working` does, with progress 0–1 where it is known. */
  activity: nullable(Type.Object({ name: Type.String(), progress: nullable(Type.Number()) })),
  serverPid: nullable(Type.Integer()),
  serverVersion: nullable(Type.String()),
  exit: nullable(
    Type.Object({
      code: nullable(Type.Integer()),
      signal: nullable(Type.String()),
      lastLog: Type.Array(Type.String()),
      /** What the last lines of its log say of it, where they say something that changes what is done about it. */
      cause: Type.Optional(nullable(Type.Literal('DiskFull'))),
    }),
  ),
  /** The agent's own probe of its server, every `probeInterval`. */
  probe: Type.Object({
    consecutiveFailures: Type.Integer(),
    failure: nullable(
      Type.Union([Type.Literal('refused'), Type.Literal('reset'), Type.Literal('timeout'), Type.Literal('sql')]),
    ),
    message: nullable(Type.String()),
    latencyMs: nullable(Type.Number()),
  }),
  replication: nullable(ReplicationReport),
  fence: nullable(FenceReason),
  /** Epoch of the grant under which this member serves writes. */
  grantedEpoch: nullable(Type.Integer()),
  /** Highest epoch of any command this agent has obeyed (kept on disk). */
  highestEpoch: Type.Integer(),
  /** Bytes of log kept for replicas that are away; null where unknown. */
  retainedBytes: nullable(Type.Integer()),
  /**
   * The agent was told to end. One that serves mail goes on for a while, so that another member can take over meanwhile.
   * Absent: it stays.
   */
  leaving: Type.Optional(Type.Boolean()),
  /** Replica that can never go on from where it is: rewind (`Diverged`) or clone it. */
  rebuild: Type.Optional(nullable(Type.Union([Type.Literal('Diverged'), Type.Literal('LogRemoved')]))),
  /** What only its data has, for people (errant transactions); absent: nothing, or the engine cannot tell. */
  errant: Type.Optional(Type.String()),
  /** Absent: it was made empty, or by an agent of before. */
  copiedBy: Type.Optional(CopiedBy),
});
export type AgentReport = Static<typeof AgentReport>;

/** The reader's half of the stream: it has taken the report of that number. */
export const Heard = Type.Object({ heard: Type.Integer() }, { additionalProperties: false });
export type Heard = Static<typeof Heard>;
