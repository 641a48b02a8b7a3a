import { type Static, Type } from 'typebox';

/**
 * Configuration of one imapd process: `node imapd/main.ts --config FILE`. Durations are milliseconds and sizes octets,
 * whatever unit the resource that they come from uses. `loadConfiguration` applies the defaults below.
 */
const Port = Type.Integer({ minimum: 0, maximum: 65535 });
const Address = Type.Object({ host: Type.String({ minLength: 1 }), port: Port }, { additionalProperties: false });
const Milliseconds = (fallback: number) => Type.Integer({ minimum: 0, default: fallback });
const Count = (fallback: number) => Type.Integer({ minimum: 1, default: fallback });
const MEBIBYTE = 1024 * 1024;

const Routing = Type.Object(
  {
    /** Every key that may sign routing documents and heartbeats now, as public JWKs: two while one is replaced. */
    publicKeys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1 }),
    /** A signed document to begin with (a mounted ConfigMap). Absent or unreadable: wait for a push. */
    documentFile: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

const Sessions = Type.Object(
  {
    /** Longest wait of one command for a writer. */
    writeHoldMs: Milliseconds(15_000),
    /** Commands that may wait for the writer of one partition at a time; more are refused at once. */
    maxHeld: Count(5_000),
    /** Time that running commands have to finish once the process is told to stop. */
    drainGraceMs: Milliseconds(10_000),
    maxPerPod: Count(5_000),
    maxPerUser: Count(100),
  },
  { additionalProperties: false, default: {} },
);

const Reads = Type.Object(
  {
    /** A replica older than this serves no content. */
    maxReplicaLagMs: Milliseconds(5_000),
    /** Content this process wrote or read lately, kept in its memory. 0 = none. */
    recentContentCacheBytes: Type.Integer({ minimum: 0, default: 64 * MEBIBYTE }),
  },
  { additionalProperties: false, default: {} },
);

/** Most connections of this process to one member, by what they are for. */
const Pools = Type.Object(
  { write: Count(8), read: Count(6), content: Count(6) },
  { additionalProperties: false, default: {} },
);

const Argon2 = Type.Object(
  {
    memoryKiB: Type.Integer({ minimum: 8, default: 19_456 }),
    iterations: Count(2),
    parallelism: Count(1),
  },
  { additionalProperties: false, default: {} },
);

const Authentication = Type.Object(
  {
    /** Cost of new password hashes; a stored hash is checked at the cost it was made with. */
    argon2: Argon2,
    /** Hashes computed at the same time; each takes `memoryKiB` and a thread. */
    concurrency: Count(2),
    /** A verified login is believed this long. 0 = never. */
    cacheMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 60_000 }),
    /** Delay of the first failed attempt of a source on a user; doubled by each further one. */
    failureDelayMs: Milliseconds(500),
    maxFailureDelayMs: Milliseconds(8_000),
    /** Failures of one source on one user within `failureWindowMs` after which attempts are refused unheard. */
    maxFailures: Count(20),
    failureWindowMs: Milliseconds(300_000),
    /** LOGIN and AUTHENTICATE without TLS from other hosts than this one. */
    clearTextFromAnywhere: Type.Boolean({ default: false }),
  },
  { additionalProperties: false, default: {} },
);

export const ImapdConfiguration = Type.Object(
  {
    /** Name of this process in acks, logs and metrics. */
    pod: Type.String({ minLength: 1 }),
    cluster: Type.String({ minLength: 1 }),
    routing: Routing,
    /** A folder with one file a partition, `PARTITION.json`: `{"user": …, "password": …}`. */
    credentialsDirectory: Type.String({ minLength: 1 }),
    admin: Type.Object(
      { host: Type.String({ default: '127.0.0.1' }), port: Port, token: Type.String({ minLength: 16 }) },
      { additionalProperties: false },
    ),
    listen: Type.Object(
      { imap: Type.Optional(Address), imaps: Type.Optional(Address) },
      { additionalProperties: false, minProperties: 1 },
    ),
    /** Files are read again when they change. Without them there is no STARTTLS and no `imaps`. */
    tls: Type.Optional(
      Type.Object({ certFile: Type.String(), keyFile: Type.String() }, { additionalProperties: false }),
    ),
    sessions: Sessions,
    reads: Reads,
    pools: Pools,
    authentication: Authentication,
    capabilities: Type.Object(
      { disabled: Type.Array(Type.String(), { default: [] }) },
      { additionalProperties: false, default: {} },
    ),
    /** Where a process started by root ends up; null = stay. */
    runAs: Type.Union(
      [
        Type.Object(
          { uid: Type.Integer({ minimum: 0 }), gid: Type.Integer({ minimum: 0 }) },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      { default: null },
    ),
    logLevel: Type.Union([Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error')], {
      default: 'info',
    }),
  },
  { additionalProperties: false },
);
export type ImapdConfiguration = Static<typeof ImapdConfiguration>;
