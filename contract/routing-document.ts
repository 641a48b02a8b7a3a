import { type Static, Type } from 'typebox';
import { DatabaseTls } from './database-tls.ts';

/**
 * The routing document: for one cluster, where every mailbox lives and which member of each repository to write to and
 * read from. The operator writes and signs it, imapd obeys it. Numbered: a pod takes only a higher version, and none in
 * which an epoch is lower than one it has seen.
 */
const Label = Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' });
const PositiveInteger = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** Number of hash slots users fall into (`slotOf` in placement.ts). Fixed: changing it would move every mailbox. */
export const SLOT_COUNT = 1024;

export const MemberEndpoint = Type.Object(
  { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 1, maximum: 65535 }) },
  { additionalProperties: false },
);
export type MemberEndpoint = Static<typeof MemberEndpoint>;

export const Target = Type.Object(
  {
    epoch: PositiveInteger,
    engine: Type.Union([Type.Literal('postgresql'), Type.Literal('mariadb'), Type.Literal('mysql')]),
    database: Type.String({ minLength: 1 }),
    durability: Type.Union([Type.Literal('Quorum'), Type.Literal('Async')]),
    /** The member to write to; null while there is none (a fence). */
    writer: Type.Union([Label, Type.Null()]),
    /** Members on the writer's timeline that may be read from; the writer is not among them. */
    readers: Type.Array(Label),
    /** Async only: a pod writes for at most this long after its last proof that the target still holds. */
    leaseSeconds: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    members: Type.Record(Label, MemberEndpoint),
    /** Of all members. Absent: they are spoken to without TLS. */
    tls: Type.Optional(DatabaseTls),
  },
  { additionalProperties: false },
);
export type Target = Static<typeof Target>;

/** Placement rules. Of a user's mailboxes: by name, or else by slot. Shared namespaces, by the first level of a name, are no user's. */
export const Placement = Type.Object(
  {
    users: Type.Record(Type.String({ minLength: 1 }), Label),
    namespaces: Type.Record(Type.String({ minLength: 1 }), Label),
    /** Inclusive ranges of slots, in ascending order, without overlap. */
    slots: Type.Array(
      Type.Object(
        {
          from: Type.Integer({ minimum: 0, maximum: SLOT_COUNT - 1 }),
          to: Type.Integer({ minimum: 0, maximum: SLOT_COUNT - 1 }),
          partition: Label,
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Placement = Static<typeof Placement>;

export const ROUTING_API_VERSION = 'routing.imapcluster.io/v1';

export const RoutingDocument = Type.Object(
  {
    apiVersion: Type.Literal(ROUTING_API_VERSION),
    cluster: Label,
    version: PositiveInteger,
    placement: Placement,
    partitions: Type.Record(Label, Target),
  },
  { additionalProperties: false },
);
export type RoutingDocument = Static<typeof RoutingDocument>;
