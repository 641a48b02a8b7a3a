import { type Static, Type } from 'typebox';

/**
 * What `imapctl` says to a running cluster, over HTTP: standalone's control socket, or the port of an operator.
 *
 *   GET  /v1/status                        → ControlStatus
 *   GET  /v1/routing                       → ControlRouting
 *   POST /v1/partitions/NAME/switchover    SwitchoverRequest → 200 ChangeDone | 404 · 409 · 503 ControlProblem
 *   POST /v1/partitions/NAME/failover      FailoverRequest   → 200 ChangeDone | 404 · 409 · 503 ControlProblem
 *   *    /v1/users…                        handed on to an imapd (users-api.ts)
 *
 * An operator serves many clusters: there `/v1/clusters/NAMESPACE/NAME` stands in the place of `/v1`, and a bearer token is
 * asked for (401), the one in the cluster's Secret `NAME-admin`. 404: it has no such cluster. 503 `NotLeading`: another
 * pod of the operator leads.
 */
/** Name of the socket in a state folder of standalone. */
export const CONTROL_SOCKET = 'control.sock';

/** The state folder where none is named. Root's is where its unprivileged children can reach it. */
export const defaultStateFolder = (uid: number | undefined): string =>
  uid === 0 ? '/var/lib/imapcluster' : './.imapcluster';

/** The same in words. */
export const DEFAULT_STATE_FOLDERS = './.imapcluster; for root /var/lib/imapcluster';

export const STATUS_PATH = '/v1/status';
export const ROUTING_PATH = '/v1/routing';
export const partitionPath = (partition: string, action: 'switchover' | 'failover'): string =>
  `/v1/partitions/${encodeURIComponent(partition)}/${action}`;

/** What stands before every path above. */
const ROOT = '/v1';
/** A path above with another beginning; `''` leaves what follows the beginning. */
export const pathBelow = (beginning: string, path: string): string => `${beginning}${path.slice(ROOT.length)}`;
/** Where an operator has the API of one cluster. */
export const clusterPath = (namespace: string, name: string): string =>
  `${ROOT}/clusters/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** One member at this moment: what is too lively for `status` of its partition. */
export const MemberNow = Type.Object({
  partition: Type.String(),
  name: Type.String(),
  connected: Type.Boolean(),
  state: nullable(Type.String()),
  role: nullable(Type.String()),
  received: nullable(Type.String()),
  applied: nullable(Type.String()),
  lagSeconds: nullable(Type.Number()),
  serverPid: nullable(Type.Integer()),
  /** Why its server is down, by itself and not on command: its last words. */
  lastWords: Type.Optional(Type.Array(Type.String())),
});
export type MemberNow = Static<typeof MemberNow>;

export const ProcessNow = Type.Object({
  /** agent, operator, imapd. */
  kind: Type.Optional(Type.String()),
  name: Type.String(),
  state: Type.String(),
  pid: nullable(Type.Integer()),
  restarts: Type.Integer(),
  /** Milliseconds since 1970. */
  startedAt: nullable(Type.Number()),
});
export type ProcessNow = Static<typeof ProcessNow>;

/** A pod on Kubernetes. */
export const PodNow = Type.Object({
  name: Type.String(),
  /** imapd, database; and of which member of which partition. */
  component: nullable(Type.String()),
  partition: nullable(Type.String()),
  member: nullable(Type.String()),
  ready: Type.Boolean(),
  /** Why it is not. */
  problem: nullable(Type.String()),
  node: nullable(Type.String()),
  restarts: Type.Integer(),
  /** Milliseconds since 1970. */
  startedAt: nullable(Type.Number()),
});
export type PodNow = Static<typeof PodNow>;

const Endpoint = Type.Object({ host: Type.String(), port: Type.Integer() });

export const ControlStatus = Type.Object({
  /** The ImapCluster and its MailboxPartitions, with `status`, as `kubectl get -o json` would show them. */
  objects: Type.Array(Type.Unknown()),
  /** Empty while the operator does not answer; `operatorProblem` then says why. */
  members: Type.Array(MemberNow),
  waiting: Type.Record(Type.String(), Type.String()),
  operatorProblem: nullable(Type.String()),
  processes: Type.Array(ProcessNow),
  /** Kubernetes only; imapctl itself looks them up. */
  pods: Type.Optional(Type.Array(PodNow)),
  endpoints: Type.Object({ imap: Endpoint, imaps: Endpoint }),
});
export type ControlStatus = Static<typeof ControlStatus>;

export const ControlRouting = Type.Object({
  pods: Type.Array(
    Type.Object({
      pod: Type.String(),
      /** RoutingBelief (push-api.ts); null where the pod did not answer. */
      belief: Type.Unknown(),
      problem: nullable(Type.String()),
    }),
  ),
});
export type ControlRouting = Static<typeof ControlRouting>;

export const SwitchoverRequest = Type.Object({ to: nullable(Type.String()) }, { additionalProperties: false });
export type SwitchoverRequest = Static<typeof SwitchoverRequest>;

export const FailoverRequest = Type.Object(
  { acceptDataLoss: Type.Boolean(), reason: Type.String({ maxLength: 500 }) },
  { additionalProperties: false },
);
export type FailoverRequest = Static<typeof FailoverRequest>;

export const ChangeDone = Type.Object({ primary: Type.String(), epoch: Type.Integer() });
export type ChangeDone = Static<typeof ChangeDone>;

export const ControlProblem = Type.Object({ code: Type.String(), message: Type.String() });
export type ControlProblem = Static<typeof ControlProblem>;
