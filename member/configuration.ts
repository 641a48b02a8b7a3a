import type { JWK } from 'jose';
import { type Static, Type } from 'typebox';

const Label = Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' });
const Port = Type.Integer({ minimum: 1, maximum: 65535 });
const closed = { additionalProperties: false };

const Server = Type.Object(
  {
    /** Address under which imapd reaches the server; the probe takes the same way. */
    host: Type.String({ minLength: 1 }),
    port: Port,
    /** Addresses to listen on; `host` where absent. */
    listenAddresses: Type.Optional(Type.String({ minLength: 1 })),
    binDirectory: Type.String({ minLength: 1 }),
    /** The agent's own notes are kept beside it, as `DIRECTORY.agent.json`. */
    dataDirectory: Type.String({ minLength: 1 }),
    socketDirectory: Type.String({ minLength: 1 }),
    database: Type.String({ minLength: 1, default: 'imap' }),
    /** The owner's settings of the server, as in `spec.repository.managed.parameters`. Fences cannot be overridden. */
    parameters: Type.Record(Type.String(), Type.String(), { default: {} }),
  },
  closed,
);

/** Configuration file of one member agent. Times in milliseconds. */
export const MemberConfiguration = Type.Object(
  {
    cluster: Label,
    partition: Label,
    member: Label,
    engine: Type.Literal('postgresql'),
    /** The agent's own HTTP API. */
    listen: Type.Object({ host: Type.String({ minLength: 1 }), port: Port }, closed),
    server: Server,
    /** JSON `{admin, replication, mail, salvage}`: passwords of the roles. */
    secretsFile: Type.String({ minLength: 1 }),
    /** Public keys that may sign commands. */
    operatorKeys: Type.Array(
      Type.Unsafe<JWK>(Type.Object({ kty: Type.String(), crv: Type.String(), x: Type.String() })),
      {
        minItems: 1,
      },
    ),
    /** Bearer token of the GET endpoints: what they say is not secret, but not public either. */
    token: Type.String({ minLength: 16 }),
    probe: Type.Object(
      {
        intervalMs: Type.Integer({ minimum: 10, default: 250 }),
        timeoutMs: Type.Integer({ minimum: 10, default: 500 }),
      },
      { ...closed, default: {} },
    ),
    /** A primary that hears neither operator nor peers for so long fences itself; null = never. */
    isolation: Type.Object(
      { afterMs: Type.Union([Type.Integer({ minimum: 500 }), Type.Null()], { default: 10_000 }) },
      { ...closed, default: {} },
    ),
    restart: Type.Object(
      {
        /** A crashed primary is left alone for so long: starting it writes to its log and may cost a clone later. */
        primaryAfterMs: Type.Integer({ minimum: 0, default: 5000 }),
        replicaAfterMs: Type.Integer({ minimum: 0, default: 100 }),
        maximumMs: Type.Integer({ minimum: 0, default: 10_000 }),
      },
      { ...closed, default: {} },
    ),
    /** Whom to become where the agent is started by root; a database server refuses to run as root. */
    runAs: Type.Union([Type.Object({ uid: Type.Integer(), gid: Type.Integer() }, closed), Type.Null()], {
      default: null,
    }),
    logLevel: Type.String({ default: 'info' }),
  },
  closed,
);
export type MemberConfiguration = Static<typeof MemberConfiguration>;
