import { type Static, Type } from 'typebox';

/** A DNS label (RFC 1123): lower-case letters, digits and `-`, at most 63 characters. */
export const DNS_LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';
/** A DNS subdomain: labels joined by dots, at most 253 characters. Names of Secrets and most other objects. */
export const DNS_SUBDOMAIN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

/**
 * The part of `metadata` that our programs read. The API server owns its schema, so it is not part of the CRDs; manifests
 * for standalone are checked against it. The last four are set by whoever stores the object, never by a person.
 */
export const ObjectMeta = Type.Object(
  {
    name: Type.String({ pattern: DNS_SUBDOMAIN, maxLength: 253 }),
    namespace: Type.Optional(Type.String({ pattern: DNS_LABEL, maxLength: 63 })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
    uid: Type.Optional(Type.String()),
    generation: Type.Optional(Type.Integer({ minimum: 1 })),
    resourceVersion: Type.Optional(Type.String()),
    creationTimestamp: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type ObjectMeta = Static<typeof ObjectMeta>;
