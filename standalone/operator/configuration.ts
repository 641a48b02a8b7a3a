import { type Static, Type } from 'typebox';
import type { ClusterSpec } from '#operator/partition/partition-spec.ts';
import type { Tuning } from '#operator/tuning.ts';

/** Configuration of the operator process of a standalone run: `node standalone/operator-process.ts --config FILE`. */
export const OperatorConfiguration = Type.Object(
  {
    /** Made by the supervisor from checked manifests. */
    spec: Type.Unsafe<ClusterSpec>(Type.Object({})),
    recordsFolder: Type.String(),
    routingFile: Type.String(),
    signedRoutingFile: Type.String(),
    signingKeyFile: Type.String(),
    agentToken: Type.String({ minLength: 16 }),
    /** By partition: the file with whose name to sign in to servers that somebody else runs. */
    sqlCredentials: Type.Record(Type.String(), Type.String(), { default: {} }),
    imapdToken: Type.String({ minLength: 16 }),
    /** `/healthz`, `/readyz`, `/metrics`. */
    listen: Type.Object({ host: Type.String(), port: Type.Integer() }),
    /** Shorter periods, for tests. */
    tuning: Type.Unsafe<Partial<Tuning>>(Type.Object({}, { default: {} })),
    /** Ends the process at one named point of a failover, for tests. */
    crashPoint: Type.Union([Type.String(), Type.Null()], { default: null }),
    runAs: Type.Union([Type.Object({ uid: Type.Integer(), gid: Type.Integer() }), Type.Null()], { default: null }),
    logLevel: Type.String({ default: 'info' }),
  },
  { additionalProperties: false },
);
export type OperatorConfiguration = Static<typeof OperatorConfiguration>;
