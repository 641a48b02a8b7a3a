import { type Static, Type } from 'typebox';
import { DatabaseTls } from '#contract/database-tls.ts';
import { MemberEndpoint } from '#contract/routing-document.ts';

const Located = Type.Object(
  { member: Type.String({ minLength: 1 }), endpoint: MemberEndpoint },
  { additionalProperties: false },
);

const common = {
  /** What the members' servers are. */
  engine: Type.Union([Type.Literal('postgresql'), Type.Literal('mariadb'), Type.Literal('mysql')], {
    default: 'postgresql',
  }),
  cluster: Type.String({ minLength: 1 }),
  partition: Type.String({ minLength: 1 }),
  database: Type.String({ minLength: 1 }),
  /** How the members' servers prove who they are; absent: they are spoken to without TLS. */
  tls: Type.Optional(DatabaseTls),
  /** Every write of the job is made at this epoch or not at all. */
  epoch: Type.Integer({ minimum: 1 }),
  /** The primary of that epoch. */
  writer: Located,
  /** JSON `{user, password}` of the mail role. */
  credentialsFile: Type.String({ minLength: 1 }),
  /** Where a job started by root ends up; null = stay. */
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
  logLevel: Type.String({ default: 'info' }),
};

/** `migrate` and `verify`. */
export const JobConfiguration = Type.Object(common, { additionalProperties: false });
export type JobConfiguration = Static<typeof JobConfiguration>;

/** `salvage`: what only `from` has is brought to `writer`. */
export const SalvageConfiguration = Type.Object(
  {
    ...common,
    from: Type.Object(
      {
        member: Type.String({ minLength: 1 }),
        endpoint: MemberEndpoint,
        /** Epoch under which it last served writes. */
        lastEpoch: Type.Integer({ minimum: 1 }),
      },
      { additionalProperties: false },
    ),
    /** JSON `{user, password}` of the salvage role. */
    salvageCredentialsFile: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);
export type SalvageConfiguration = Static<typeof SalvageConfiguration>;
