import { type Static, Type } from 'typebox';

/** Octets of an authority's certificates. The routing document has them for each partition, and a ConfigMap holds no more than 1 MiB. */
export const MOST_AUTHORITY = 16_384;

/** How a database server must prove who it is before anything is said to it. Where there is none of this, nothing is encrypted. */
export const DatabaseTls = Type.Object(
  {
    /** PEM of the authorities that may have signed its certificate; those that browsers know where left out. */
    ca: Type.Optional(Type.String({ minLength: 1, maxLength: MOST_AUTHORITY })),
    /** The name in its certificate, where that is not the host that is connected to. */
    serverName: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
  },
  { additionalProperties: false },
);
export type DatabaseTls = Static<typeof DatabaseTls>;

/** Whether both ask for the same. */
export const isSameTls = (a: DatabaseTls | undefined, b: DatabaseTls | undefined): boolean =>
  (a === undefined) === (b === undefined) && a?.ca === b?.ca && a?.serverName === b?.serverName;
