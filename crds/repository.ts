import { type Static, Type } from 'typebox';
import { MOST_AUTHORITY } from '#contract/database-tls.ts';
import { closed, containerImage, defaulted, label, mapOf, oneOf, quantity, reference, resources } from './fields.ts';

/** `spec.repository` of a MailboxPartition: the replicated database, run by the operator or by someone else. */
const Managed = closed(
  {
    instances: Type.Integer({
      minimum: 1,
      maximum: 9,
      default: 3,
      description: 'Database servers: one primary, the others replicas.',
    }),
    storage: defaulted(
      {
        size: quantity({ default: '20Gi', description: 'Size of the volume of each server. It can grow, not shrink.' }),
        storageClassName: Type.Optional(label("Storage class; the cluster's default where left out.")),
      },
      'Volume of each server.',
    ),
    retainedLog: quantity({
      default: '1Gi',
      description:
        'Log that each server keeps for every other one that is away, at most; one that was away for longer is copied anew. From 64Mi to 1Ti. Leave room for it on the volumes.',
    }),
    resources: resources('CPU and memory of each database server.'),
    image: Type.Optional(
      containerImage(
        "Image of the database server, laid out like Docker's official one, with glibc (not Alpine); the operator's choice where left out. Goes with `majorVersion`.",
      ),
    ),
    majorVersion: Type.Optional(
      Type.Integer({
        minimum: 8,
        maximum: 18,
        description:
          'First number of the version of the server in `image`: 15 to 18 of PostgreSQL, 10 (from 10.11 on) or 11 of MariaDB, 8 (from 8.4 on) or 9 of MySQL. Cannot be changed. The image can, for one of another version that begins with the same number: of MariaDB and MySQL for a newer one only.',
      }),
    ),
    reclaim: oneOf(['Retain', 'Delete'], {
      default: 'Retain',
      description:
        'What becomes of the volumes, the passwords and the record of the partition once it is deleted. With Retain a new partition of the same name goes on with them.',
    }),
    parameters: Type.Record(Type.String(), Type.String({ maxLength: 1024, description: 'Value of the setting.' }), {
      maxProperties: 64,
      default: {},
      description: 'Settings of the database server. Those that replication and fencing rest on are refused.',
    }),
  },
  { description: 'Servers that the operator makes, watches, replaces and deletes.' },
);

const ExistingMember = closed(
  {
    name: label('Name of the member, unique in the partition.'),
    host: Type.String({ minLength: 1, maxLength: 253, description: 'Host name or address.' }),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: "Port; the engine's usual one where left out." }),
    ),
    podRef: Type.Optional(reference('Pod that runs the server, as further evidence of its death.')),
  },
  { description: 'A server that someone else runs.' },
);

const Tls = closed(
  {
    mode: oneOf(['Verify', 'Disabled'], {
      default: 'Verify',
      description:
        'Verify: operator, imapd and jobs speak TLS with every member, and tell nothing to one whose certificate does not hold. Disabled: as without `tls`, in the clear.',
    }),
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MOST_AUTHORITY,
        description:
          'PEM of the authorities that sign the certificates of the members; the well-known ones where left out. While an authority is replaced, both.',
      }),
    ),
    serverName: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        pattern: '^[a-zA-Z0-9][-a-zA-Z0-9.:]*$',
        description:
          'Name that is in the certificates of all members; the `host` of each where left out, be it a name or an address.',
      }),
    ),
  },
  { description: 'TLS with existing `members`. Where left out nothing is encrypted.' },
);

/**
 * Where the mailboxes are kept. `managed` and `members` exclude each other by a rule, not by a union: structural schemas
 * have none.
 */
export const Repository = closed(
  {
    engine: oneOf(['postgresql', 'mariadb', 'mysql'], { description: 'Database engine. Cannot be changed.' }),
    managed: Type.Optional(Managed),
    members: Type.Optional(
      mapOf(ExistingMember, 'name', { maxItems: 9, description: 'Servers that exist already. In place of `managed`.' }),
    ),
    tls: Type.Optional(Tls),
    database: Type.String({
      pattern: '^[a-z_][a-z0-9_]*$',
      maxLength: 63,
      default: 'imap',
      description: 'Name of the database on every member. Cannot be changed.',
    }),
    credentialsSecretRef: Type.Optional(
      reference('Secret with `username` and `password` of the administrator of existing `members`.'),
    ),
  },
  { description: 'The replicated database that holds the mailboxes. Exactly one of `managed` and `members`.' },
);
export type Repository = Static<typeof Repository>;
