import { type Static, Type } from 'typebox';

/**
 * What the operator says to an imapd pod, over HTTP on the pod's admin port.
 *
 *   PUT  /v1/routing    PushRequest  → 200 PushAck | 409 PushConflict (older than what the pod has) | 422 PushRefusal
 *   GET  /v1/heartbeat               → 101, a channel (`channel.ts`): up signed heartbeats, down a HeartbeatAnswer | PushRefusal for
 *                                      each, in their order; closed where no heartbeat that is taken has come for ten seconds.
 *                                      Up also what one signature makes heartbeats for several pods, and routing documents (the
 *                                      JWS alone is the line; down what PUT would answer), to whom says `takes` that it knows these
 *   PUT  /v1/peers      Peers        → 204   (where to send hints of changed mailboxes)
 *   GET  /v1/routing                 → 200 RoutingBelief (what the pod believes; for `imapctl routing`)
 *
 * The first two carry signatures of their own; the others need the admin port's bearer token, for the peers are sent it.
 */
export const PUSH_PATH = '/v1/routing';
export const HEARTBEAT_PATH = '/v1/heartbeat';
export const PEERS_PATH = '/v1/peers';

const Epochs = Type.Record(Type.String(), Type.Integer());

/** What one pod sees of one repository: evidence for the operator, never an order. */
export const RepositoryView = Type.Object({
  epoch: Type.Integer(),
  /** null while the target names no writer or the pod has not tried it yet. */
  writerReachable: Type.Union([Type.Boolean(), Type.Null()]),
  /** How the last failed attempt on the writer ended; a time-out is soft evidence, refused and reset are hard. */
  writerFailure: Type.Union([
    Type.Literal('refused'),
    Type.Literal('reset'),
    Type.Literal('timeout'),
    Type.Literal('sql'),
    Type.Null(),
  ]),
  /** Milliseconds since the writer last answered this pod at this epoch; null where it never has. */
  writerSilentMs: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  /** Commands waiting for a writer right now. */
  held: Type.Integer(),
  /** Milliseconds of write lease left, Async only. */
  leaseRemainingMs: Type.Union([Type.Number(), Type.Null()]),
});
export type RepositoryView = Static<typeof RepositoryView>;

/** The signed routing document (compact JWS, `signature.ts`). */
export const PushRequest = Type.Object({ document: Type.String() }, { additionalProperties: false });
export type PushRequest = Static<typeof PushRequest>;

export const PushAck = Type.Object({ pod: Type.String(), applied: Type.Integer(), epochs: Epochs });
export type PushAck = Static<typeof PushAck>;

export const PushConflict = Type.Object({
  pod: Type.String(),
  current: Type.Integer(),
  epochs: Epochs,
  reason: Type.String(),
});
export type PushConflict = Static<typeof PushConflict>;

export const PushRefusal = Type.Object({ code: Type.String(), message: Type.String() });
export type PushRefusal = Static<typeof PushRefusal>;

/**
 * Signed payload of a heartbeat; its line is the compact JWS. `echo` repeats the nonce of the pod's last
 * answer: a lease counts from the moment the pod *issued* that nonce, so that a heartbeat that was under way for long
 * cannot stretch it. `echo` null grants nothing.
 */
export const Heartbeat = Type.Object({
  cluster: Type.String(),
  pod: Type.String(),
  sequence: Type.Integer(),
  echo: Type.Union([Type.String(), Type.Null()]),
  leases: Type.Record(Type.String(), Type.Object({ epoch: Type.Integer(), seconds: Type.Number() })),
  /**
   * Partitions whose primary is down for want of disk space while nobody takes over: to wait for a writer is of no use. Absent:
   * an operator of before.
   */
  full: Type.Optional(Type.Array(Type.String())),
});
export type Heartbeat = Static<typeof Heartbeat>;

/**
 * Heartbeats for several pods of a cluster under one signature, each as if it stood alone: of thousands of pods, signing would else
 * be what an operator does most. A pod takes what stands under its name; what is said to the others is nothing to it.
 */
export const Heartbeats = Type.Object({
  cluster: Type.String(),
  /** `leased`: whether `leases` are granted to it, too. */
  pods: Type.Record(
    Type.String(),
    Type.Object({ sequence: Type.Integer(), echo: Heartbeat.properties.echo, leased: Type.Boolean() }),
  ),
  leases: Heartbeat.properties.leases,
  full: Type.Array(Type.String()),
});
export type Heartbeats = Static<typeof Heartbeats>;

/** What a channel of heartbeats takes beside heartbeats for one pod. */
export const TAKES = ['heartbeats', 'routing'] as const;
export type Takes = (typeof TAKES)[number];
/** Characters of the longest document that is sent over it; longer ones are put. */
export const LONGEST_PUSHED_LINE = 256 * 1024;

export const HeartbeatAnswer = Type.Object({
  pod: Type.String(),
  /**
   * Random per imapd process: a new one means that the process was started anew and knows nothing of what is told to it alone
   * (peers). Absent: an imapd of before, of which only a lower `applied` tells.
   */
  bootId: Type.Optional(Type.String()),
  nonce: Type.String(),
  /** Absent: an imapd of before, which takes heartbeats for itself alone. Others than those known here may be among them. */
  takes: Type.Optional(Type.Array(Type.String())),
  applied: Type.Integer(),
  sessions: Type.Integer(),
  repositories: Type.Record(Type.String(), RepositoryView),
});
export type HeartbeatAnswer = Static<typeof HeartbeatAnswer>;

export const Peers = Type.Object(
  { peers: Type.Array(Type.Object({ pod: Type.String(), host: Type.String(), port: Type.Integer() })) },
  { additionalProperties: false },
);
export type Peers = Static<typeof Peers>;

export const RoutingBelief = Type.Object({
  pod: Type.String(),
  document: Type.Union([Type.Unknown(), Type.Null()]),
  repositories: Type.Record(Type.String(), RepositoryView),
  /** Open IMAP sessions. */
  sessions: Type.Optional(Type.Integer()),
});
export type RoutingBelief = Static<typeof RoutingBelief>;
