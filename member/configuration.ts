import type { JWK } from 'jose';
import { type Static, Type } from 'typebox';

const Label = (description: string) => Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', description });
const Port = (description: string) => Type.Integer({ minimum: 1, maximum: 65535, description });
const closed = { additionalProperties: false };

const Server = Type.Object(
  {
    host: Type.String({
      minLength: 1,
      description: 'Address under which imapd reaches the server; the probe takes the same way.',
    }),
    port: Port('Port of the server.'),
    listenAddresses: Type.Optional(
      Type.String({ minLength: 1, description: 'Addresses to listen on; `host` where absent.' }),
    ),
    binDirectory: Type.String({ minLength: 1, description: 'Where the programs of the database are.' }),
    majorVersion: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'First number of the version that the server has to be of; any that is supported where absent.',
      }),
    ),
    dataDirectory: Type.String({
      minLength: 1,
      description: "The data. The agent's own notes are kept beside it, as `DIRECTORY.agent.json`.",
    }),
    socketDirectory: Type.String({ minLength: 1, description: 'Unix socket of the server, for the agent alone.' }),
    database: Type.String({ minLength: 1, default: 'imap', description: 'Name of the database.' }),
    parameters: Type.Record(Type.String(), Type.String(), {
      default: {},
      description:
        "The owner's settings of the server, as in `spec.repository.managed.parameters`. Fences cannot be overridden.",
    }),
  },
  { ...closed, description: 'The database server that the agent supervises.' },
);

const Probe = Type.Object(
  {
    intervalMs: Type.Integer({ minimum: 10, default: 250, description: 'Between two probes of the server.' }),
    timeoutMs: Type.Integer({
      minimum: 10,
      default: 500,
      description: 'A probe without an answer by then has failed.',
    }),
  },
  { ...closed, default: {}, description: 'How the agent looks whether its server answers.' },
);

const Isolation = Type.Object(
  {
    afterMs: Type.Union([Type.Integer({ minimum: 500 }), Type.Null()], {
      default: 10_000,
      description: 'A primary that hears neither operator nor peers for so long fences itself; null = never.',
    }),
  },
  { ...closed, default: {}, description: 'Fencing oneself.' },
);

const Start = Type.Object(
  {
    hungAfterMs: Type.Union([Type.Integer({ minimum: 1000 }), Type.Null()], {
      default: 600_000,
      description:
        'A server that starts and shows no sign of work for so long is killed and started again; null = never. A recovery that gets on uses processor or disk, and is never cut short, however long it lasts. Known on Linux only.',
    }),
  },
  { ...closed, default: {}, description: 'Starting the server.' },
);

const Restart = Type.Object(
  {
    primaryAfterMs: Type.Integer({
      minimum: 0,
      default: 5000,
      description:
        'A crashed primary is left alone for so long: starting it writes to its log and may cost a clone later.',
    }),
    replicaAfterMs: Type.Integer({ minimum: 0, default: 100, description: 'The same for a crashed replica.' }),
    maximumMs: Type.Integer({ minimum: 0, default: 10_000, description: 'Longest pause between two starts.' }),
  },
  {
    ...closed,
    default: {},
    description: 'Starting a server again that ended by itself; the pause doubles with each further failure.',
  },
);

const HandOver = Type.Object(
  {
    withinMs: Type.Integer({
      minimum: 0,
      default: 0,
      description:
        'A primary that is told to end serves on for so long, so that the operator can make another one the primary; 0 = it ends at once.',
    }),
  },
  { ...closed, default: {}, description: 'Being told to end.' },
);

const OperatorKey = Type.Unsafe<JWK>(
  Type.Object({
    kty: Type.String({ description: 'Kind of key.' }),
    crv: Type.String({ description: 'Curve.' }),
    x: Type.String({ description: 'The key itself.' }),
  }),
);

const RunAs = Type.Object(
  { uid: Type.Integer({ description: 'User id.' }), gid: Type.Integer({ description: 'Group id.' }) },
  closed,
);

/** Configuration file of one member agent. Times in milliseconds. */
export const MemberConfiguration = Type.Object(
  {
    cluster: Label('The ImapCluster.'),
    partition: Label('The MailboxPartition.'),
    member: Label('Name of this member.'),
    instance: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'By what name the platform knows where this process runs: the uid of its pod.',
      }),
    ),
    engine: Type.Union([Type.Literal('postgresql'), Type.Literal('mariadb'), Type.Literal('mysql')], {
      description: 'Database engine.',
    }),
    listen: Type.Object(
      { host: Type.String({ minLength: 1, description: 'Address to listen on.' }), port: Port('Port to listen on.') },
      { ...closed, description: "The agent's own HTTP API." },
    ),
    server: Server,
    secretsFile: Type.String({
      minLength: 1,
      description: 'JSON `{admin, replication, mail, salvage}`: passwords of the roles.',
    }),
    operatorKeys: Type.Optional(
      Type.Array(OperatorKey, { minItems: 1, description: 'Public keys that may sign commands.' }),
    ),
    operatorKeysFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'In place of `operatorKeys`: a JSON array of them, read again when it changes. What cannot be used changes nothing.',
      }),
    ),
    token: Type.String({
      minLength: 16,
      description: 'Bearer token of the GET endpoints: what they say is not secret, but not public either.',
    }),
    probe: Probe,
    isolation: Isolation,
    start: Start,
    restart: Restart,
    handOver: HandOver,
    runAs: Type.Union([RunAs, Type.Null()], {
      default: null,
      description: 'Whom to become where the agent is started by root; a database server refuses to run as root.',
    }),
    logLevel: Type.String({ default: 'info', description: 'Least important log line.' }),
  },
  closed,
);
export type MemberConfiguration = Static<typeof MemberConfiguration>;
