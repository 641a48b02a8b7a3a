import { type Static, Type } from 'typebox';
import { OAuth } from './auth/oauth/oauth-configuration.ts';
import { MimeLimits } from './mime/limits.ts';
import { Limits } from './protocol/limits.ts';
import { SessionLimits } from './session/session-limits.ts';

/**
 * Configuration of one imapd process: `node imapd/main.ts --config FILE`. Durations are milliseconds and sizes octets,
 * whatever unit the resource that they come from uses. `loadConfiguration` applies the defaults below.
 */
const Port = Type.Integer({ minimum: 0, maximum: 65535, description: 'Port; 0 = any free one.' });
const Address = (description: string) =>
  Type.Object(
    { host: Type.String({ minLength: 1, description: 'Address to listen on.' }), port: Port },
    { additionalProperties: false, description },
  );
const Milliseconds = (fallback: number, description: string) =>
  Type.Integer({ minimum: 0, default: fallback, description });
const Count = (fallback: number, description: string) => Type.Integer({ minimum: 1, default: fallback, description });
const MEBIBYTE = 1024 * 1024;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const ConfigMap = Type.Object(
  {
    namespace: Type.String({ minLength: 1, description: 'Its namespace.' }),
    name: Type.String({ minLength: 1, description: 'Its name.' }),
    key: Type.String({ minLength: 1, description: 'Key of the signed document in it.' }),
    apiServer: Type.Optional(
      Type.String({
        minLength: 1,
        description: '`https://HOST:PORT`; where absent, what the environment of a pod names.',
      }),
    ),
    tokenFile: Type.String({ default: `${SERVICE_ACCOUNT}/token`, description: 'Token shown to the API server.' }),
    caFile: Type.String({ default: `${SERVICE_ACCOUNT}/ca.crt`, description: 'Who vouches for the API server, PEM.' }),
  },
  {
    additionalProperties: false,
    description: 'Kubernetes ConfigMap of the document, asked for where no push comes.',
  },
);

const Routing = Type.Object(
  {
    publicKeys: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        minItems: 1,
        description:
          'Every key that may sign routing documents and heartbeats now, as public JWKs: two while one is replaced.',
      }),
    ),
    publicKeysFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'In place of `publicKeys`: a JSON array of them, read again when it changes. What cannot be used changes nothing.',
      }),
    ),
    documentFile: Type.Optional(
      Type.String({
        description:
          'A signed document to begin with (a mounted ConfigMap). Absent or unreadable: the process waits for a push.',
      }),
    ),
    configMap: Type.Optional(ConfigMap),
    silentAfterMs: Count(
      10_000,
      'Without a heartbeat of the operator for so long, its newest document is looked for where it keeps it.',
    ),
    lookEveryMs: Count(10_000, 'Between two such looks, to begin with; up to a minute where they bring nothing.'),
  },
  { additionalProperties: false, description: 'Where the routing document comes from.' },
);

const Sessions = Type.Object(
  {
    writeHoldMs: Milliseconds(15_000, 'Longest wait of one command for a writer.'),
    maxHeld: Count(
      5_000,
      'Commands that may wait for the writer of one partition at a time; more are refused at once.',
    ),
    drainGraceMs: Milliseconds(
      60_000,
      'Time that running commands have to finish once the process is told to stop; sessions without one get BYE one after the other, the last one in half of it.',
    ),
    ...SessionLimits.properties,
  },
  { additionalProperties: false, default: {}, description: 'Bounds of IMAP sessions.' },
);

const Reads = Type.Object(
  {
    maxReplicaLagMs: Milliseconds(5_000, 'A replica older than this serves no content.'),
    recentContentCacheBytes: Type.Integer({
      minimum: 0,
      default: 64 * MEBIBYTE,
      description:
        'Content this process keeps in its memory: half of it what it wrote lately, half headers and the like that it read. 0 = none.',
    }),
    readAheadBytes: Type.Integer({
      minimum: 0,
      default: 16 * MEBIBYTE,
      description:
        'Content this process has read, in all partitions together, before it is asked for: for clients that fetch one message after the other, at most 256 KiB and one message for each, nor more than an eighth of this. 0 = none.',
    }),
    searchSignatures: Type.Boolean({
      default: false,
      description:
        'Whether searches in texts keep signatures of the messages they read, and leave out by them what cannot match.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Reading content from replicas.' },
);

const Pools = Type.Object(
  {
    write: Count(8, 'For commands that need the writer.'),
    read: Count(6, 'For listings, flags and UIDs, read from the primary.'),
    content: Count(6, 'For content of messages.'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Most connections of this process to one member, by what they are for.',
  },
);

const Argon2 = Type.Object(
  {
    memoryKiB: Type.Integer({ minimum: 8, default: 19_456, description: 'Memory of one hash.' }),
    iterations: Count(2, 'Passes over that memory.'),
    parallelism: Count(1, 'Lanes of one hash.'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'Cost of new password hashes; a stored hash is checked at the cost it was made with.',
  },
);

const ClientCertificates = Type.Object(
  {
    caFile: Type.String({
      minLength: 1,
      description: 'Who vouches for clients, PEM; looked at with the files of `tls`.',
    }),
    userFrom: Type.Union([Type.Literal('emailAddress'), Type.Literal('commonName')], {
      default: 'emailAddress',
      description:
        'What of a certificate names the user: an rfc822Name among its alternative names, or the CN of its subject.',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Sign-in by a certificate of the client, SASL EXTERNAL; asked for under TLS. Absent: none. Revocation is not looked at.',
  },
);

const Authentication = Type.Object(
  {
    passwords: Type.Boolean({
      default: true,
      description:
        'LOGIN, and AUTHENTICATE by PLAIN, LOGIN and SCRAM-SHA-256. False: by what else is configured here alone.',
    }),
    oauth: Type.Optional(OAuth),
    clientCertificates: Type.Optional(ClientCertificates),
    admins: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'Users who may act for any other user, by the authorization identity of SASL, set the limits of any (SETQUOTA), and share mailboxes with everybody.',
    }),
    argon2: Argon2,
    scramIterations: Type.Integer({
      minimum: 4_096,
      maximum: 1_000_000,
      default: 32_768,
      description:
        'Cost of new SCRAM-SHA-256 keys (RFC 7677): work of the client at each sign-in, and of who guesses passwords of a stolen database.',
    }),
    scramSecret: Type.Optional(
      Type.String({
        minLength: 16,
        description:
          'What the salts of SCRAM are computed from, with the name: the same in every imapd of the cluster, and for good. Absent: the token of `admin`.',
      }),
    ),
    concurrency: Count(
      2,
      'Hashes and SCRAM keys computed at the same time; each takes a thread, and a hash `memoryKiB`.',
    ),
    cacheMs: Type.Integer({
      minimum: 0,
      maximum: 60_000,
      default: 60_000,
      description: 'A verified login is believed this long. 0 = never.',
    }),
    failureDelayMs: Milliseconds(
      500,
      'Delay of the first failed attempt of a source on a user; doubled by each further one.',
    ),
    maxFailureDelayMs: Milliseconds(8_000, 'Longest such delay.'),
    maxFailures: Count(
      20,
      'Failures of one source on one user within `failureWindowMs` after which attempts are refused unheard.',
    ),
    failureWindowMs: Milliseconds(300_000, 'Failures are forgotten after this long without a further one.'),
    failureHintMs: Count(100, 'Other processes are told of failures this long after the first one, together.'),
    failureHintPatienceMs: Count(1_000, 'Time that another process has to take such a hint.'),
    clearTextFromAnywhere: Type.Boolean({
      default: false,
      description: 'LOGIN and AUTHENTICATE without TLS from other hosts than this one.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Who people are.' },
);

const RunAs = Type.Object(
  {
    uid: Type.Integer({ minimum: 0, description: 'User id.' }),
    gid: Type.Integer({ minimum: 0, description: 'Group id.' }),
  },
  { additionalProperties: false },
);

const Tls = Type.Object(
  {
    certFile: Type.String({ description: 'Certificate chain, PEM.' }),
    keyFile: Type.String({ description: 'Private key, PEM.' }),
    lookMs: Count(5_000, 'How often the files are looked at; what is new serves the connections to come.'),
  },
  {
    additionalProperties: false,
    description: 'Files are read again when they change. Without them there is no STARTTLS and no `imaps`.',
  },
);

const Admin = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'Address to listen on.' }),
    port: Port,
    token: Type.String({ minLength: 16, description: 'Bearer token that callers show.' }),
    heartbeatChannels: Type.Integer({
      minimum: 2,
      default: 16,
      description:
        'Channels for heartbeats at a time. One operator leads and has one. Where there are so many, the oldest over which no good heartbeat has come gives way; where there is none such, another is refused (503).',
    }),
  },
  {
    additionalProperties: false,
    description:
      'Own port of the process: health, metrics, pushes of the operator, hints of peers, users, mail in and out.',
  },
);

const limit = (fallback: number | null, description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { default: fallback, description });

const Quota = Type.Object(
  {
    storage: limit(null, 'Octets of all messages together.'),
    messages: limit(null, 'Messages in all mailboxes together.'),
    mailboxes: limit(10_000, 'Mailboxes: LIST stays an answer that a client can show.'),
  },
  {
    additionalProperties: false,
    default: {},
    description: 'What a user may have who has no limit of his own; null = as much as there is room for (RFC 9208).',
  },
);

const text = (description: string) =>
  Type.Union([Type.String({ minLength: 1, maxLength: 1024 }), Type.Null()], { default: null, description });

const Metadata = Type.Object(
  {
    maxSize: Type.Integer({ minimum: 1024, maximum: 65_536, default: 16_384, description: 'Octets of one value.' }),
    maxEntries: Type.Integer({
      minimum: 10,
      maximum: 1000,
      default: 100,
      description: 'Entries of one mailbox: shared ones, and private ones of each user.',
    }),
    maxPerUser: Type.Integer({
      minimum: 65_536,
      maximum: 16_777_216,
      default: 1_048_576,
      description:
        'Octets, names and values, of all private annotations of one user and the shared ones of his mailboxes. A session may hold three times as much in memory.',
    }),
    comment: text('`/shared/comment` of the server; null = none.'),
    admin: text('`/shared/admin` of the server, a URI by which its people are reached; null = none.'),
  },
  { additionalProperties: false, default: {}, description: 'Annotations of mailboxes and of the server (RFC 5464).' },
);

const Sharing = Type.Object(
  {
    otherUsers: Type.String({
      minLength: 1,
      maxLength: 100,
      // INBOX is everybody's own, in any case.
      pattern: '^(?![Ii][Nn][Bb][Oo][Xx]$)[^/*%\\u0000-\\u001f\\u007f]+$',
      default: 'Other Users',
      description:
        'The level under which everybody finds what others have granted: `Other Users/NAME/MAILBOX`. Own mailboxes of this name are out of reach.',
    }),
    maxEntries: Count(100, 'Entries of the access control list of one mailbox.'),
    maxListed: Count(
      10_000,
      'Mailboxes of others that LIST takes from one partition: those granted by name or to a group first, then those granted to `anyone`.',
    ),
    unknownUsers: Type.Union([Type.Literal('accept'), Type.Literal('refuse')], {
      default: 'refuse',
      description:
        'What SETACL says of a user whom no partition knows. `accept`: nobody learns by SETACL who has an account, and mistyped names are entries that grant nothing.',
    }),
    groupsFreshMs: Type.Integer({
      minimum: 0,
      maximum: 3_600_000,
      default: 60_000,
      description:
        'How long the groups of a user, and that he is an administrator, are remembered. Changes by `imapctl user set` are told to all imapd at once; this bounds how long one that was not reached believes the old ones.',
    }),
    anyone: Type.Union([Type.Literal('allow'), Type.Literal('deny')], {
      default: 'deny',
      description:
        'Who may grant rights to everybody (SETACL for `anyone`): whoever administers a mailbox, or only administrators. What was granted before holds.',
    }),
    seen: Type.Union([Type.Literal('shared'), Type.Literal('perUser')], {
      default: 'shared',
      description:
        "Whose `\\Seen` is in mailboxes that are not one's own: everybody's, as all flags are, or of each user who is not the owner his own.",
    }),
  },
  { additionalProperties: false, default: {}, description: 'Mailboxes that people share (RFC 4314).' },
);

const LogLevel = Type.Union(
  (['debug', 'info', 'warn', 'error', 'silent'] as const).map((level) => Type.Literal(level)),
  { default: 'info', description: 'Least important log line.' },
);

export const ImapdConfiguration = Type.Object(
  {
    pod: Type.String({ minLength: 1, description: 'Name of this process in acks, logs and metrics.' }),
    cluster: Type.String({ minLength: 1, description: 'The ImapCluster; documents of another are refused.' }),
    routing: Routing,
    credentialsDirectory: Type.String({
      minLength: 1,
      description:
        'A folder with one file a partition, `PARTITION.json`: `{"user": …, "password": …}`, and while the password is replaced `"otherPassword"`. Read when it is needed.',
    }),
    admin: Admin,
    listen: Type.Object(
      {
        imap: Type.Optional(Address('IMAP in clear text, with STARTTLS.')),
        imaps: Type.Optional(Address('IMAP with TLS from the first octet.')),
      },
      { additionalProperties: false, minProperties: 1, description: 'Where clients connect; at least one.' },
    ),
    proxyProtocolFrom: Type.Array(Type.String(), {
      default: [],
      description:
        'Networks (CIDR) of load balancers, from which every connection begins with a header of the PROXY protocol, version 1 or 2, that names the client. From elsewhere a header is no IMAP.',
    }),
    tls: Type.Optional(Tls),
    sessions: Sessions,
    protocol: Limits,
    mime: MimeLimits,
    reads: Reads,
    pools: Pools,
    authentication: Authentication,
    quota: Quota,
    metadata: Metadata,
    sharing: Sharing,
    capabilities: Type.Object(
      {
        disabled: Type.Array(Type.String(), {
          default: [],
          description: 'Names out of the table of capabilities, in any case.',
        }),
        enabled: Type.Array(Type.String(), {
          default: [],
          description: 'Those of the table that are off unless they are named here, in any case: `UIDONLY`.',
        }),
      },
      { additionalProperties: false, default: {}, description: 'IMAP capabilities.' },
    ),
    runAs: Type.Union([RunAs, Type.Null()], {
      default: null,
      description: 'Where a process started by root ends up; null = stay.',
    }),
    logLevel: LogLevel,
  },
  { additionalProperties: false },
);
export type ImapdConfiguration = Static<typeof ImapdConfiguration>;
