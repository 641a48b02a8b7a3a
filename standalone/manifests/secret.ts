import { type Static, Type } from 'typebox';
import { ObjectMeta } from '#crds/object-meta.ts';

/** A Kubernetes Secret as manifests carry it: `data` in base64, `stringData` in clear. */
export const Secret = Type.Object(
  {
    apiVersion: Type.Literal('v1'),
    kind: Type.Literal('Secret'),
    metadata: ObjectMeta,
    type: Type.Optional(Type.String({ description: 'Such as kubernetes.io/tls.' })),
    data: Type.Record(Type.String(), Type.String({ pattern: '^[A-Za-z0-9+/\\s]*={0,2}\\s*$' }), { default: {} }),
    stringData: Type.Record(Type.String(), Type.String(), { default: {} }),
    immutable: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type Secret = Static<typeof Secret>;

/** The values of a secret, decoded; `stringData` wins, as in the API server. */
export function secretValues(secret: Secret): ReadonlyMap<string, string> {
  const decoded = Object.entries(secret.data).map(
    ([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
  );
  return new Map([...decoded, ...Object.entries(secret.stringData)]);
}
