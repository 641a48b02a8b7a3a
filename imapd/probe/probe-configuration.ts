import { type Static, Type } from 'typebox';

const closed = <P extends Parameters<typeof Type.Object>[0]>(properties: P, annotations: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...annotations });

const Tls = closed(
  {
    security: Type.Enum(['tls', 'starttls', 'none'], {
      default: 'tls',
      description: 'TLS from the start, after STARTTLS, or not at all.',
    }),
    verifyCertificate: Type.Boolean({ default: true, description: 'Whether somebody trusted must vouch for it.' }),
    serverName: Type.Optional(
      Type.String({ minLength: 1, description: 'Name in the certificate, where it is not `host`.' }),
    ),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'PEM of who signed the certificate; the public authorities where it is left out.',
      }),
    ),
  },
  { default: {} },
);

/** Where and as whom `probe` signs in. */
export const ProbeConfiguration = closed({
  host: Type.String({ minLength: 1, maxLength: 253, description: 'Where to connect.' }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'Port there.' }),
  tls: Tls,
  credentialsDirectory: Type.String({
    minLength: 1,
    description: 'A mounted Secret: the files `username` and `password`.',
  }),
  mailbox: Type.String({
    // Others have another spelling on the wire.
    pattern: '^[ -~]+$',
    maxLength: 255,
    default: 'INBOX',
    description: 'Opened read-only. Printable ASCII.',
  }),
  deadlineMs: Type.Integer({ minimum: 1, default: 30_000, description: 'After which it has failed.' }),
});
export type ProbeConfiguration = Static<typeof ProbeConfiguration>;
