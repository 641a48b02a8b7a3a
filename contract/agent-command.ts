import { type Static, Type } from 'typebox';
import { MemberEndpoint } from './routing-document.ts';

/**
 * What the operator tells a member agent: `POST /v1/command` with `{command: JWS of SignedCommand}`.
 * Every command is idempotent: repeated after a lost answer it finds its work done and says the same again.
 *
 *   200 CommandResult · 400 CommandFailure (bad signature, wrong member) · 409 (lower epoch than one obeyed before)
 *   410 (expired) · 422 (cannot be done in this state) · 500 (tried and failed; `message` holds the server's last words)
 */
export const COMMAND_PATH = '/v1/command';

const Upstream = Type.Object({ member: Type.String(), endpoint: MemberEndpoint });
const Synchronous = Type.Object({ required: Type.Integer({ minimum: 0 }), members: Type.Array(Type.String()) });
const command = <K extends string, P extends Parameters<typeof Type.Object>[0]>(kind: K, properties: P) =>
  Type.Object({ kind: Type.Literal(kind), ...properties }, { additionalProperties: false });

/** First server of a new repository: an empty database with its roles, started as a primary, fenced. */
const Initialize = command('initialize', {});
/**
 * Copy `from` and start as its replica. `wipe` allows an existing data directory to be replaced. `source`: the copy is taken of
 * this one, a replica of `from`; both must keep log for the member already, from before a checkpoint of `from` that `source`
 * has applied and made its own (400 where the agent does not know it yet). `agentUrl`: of the agent of whoever is copied, where
 * that is what makes the copy (MariaDB).
 */
const Clone = command('clone', {
  from: Upstream,
  source: Type.Optional(Upstream),
  agentUrl: Type.Optional(Type.String()),
  wipe: Type.Boolean(),
});
/** Become, or stay, a replica of `upstream`. Starts a stopped server; refuses a diverged one (422 `Diverged`). */
const Follow = command('follow', { upstream: Upstream });
/**
 * Stop receiving, for good: the answer is given when no receiver runs any more. `after`: not before so much has been received (400
 * where the agent does not know it yet). Result: received position.
 */
const Detach = command('detach', { after: Type.Optional(Type.String()) });
/** Wait until everything received is applied. */
const CatchUp = command('catchUp', {});
/**
 * Write out what is dirty while all goes on as it is: what is stopped or promoted soon after then finds little to write.
 * `after`: on a replica, when it has applied so far. Result: position.
 */
const Checkpoint = command('checkpoint', { after: Type.Union([Type.String(), Type.Null()]) });
/** Write the synchronous set, then promote (+ CHECKPOINT). Stays fenced until `grant`. */
const Promote = command('promote', { synchronous: Synchronous });
/** Write the synchronous set of a running primary. */
const SetSynchronous = command('setSynchronous', { synchronous: Synchronous });
/** Insert the epoch row and wait until the synchronous set has it (the barrier). `uidGap` 0 = planned change. */
const Stamp = command('stamp', { epoch: Type.Integer(), uidGap: Type.Integer({ minimum: 0 }) });
/** Serve mail as the primary of the command's epoch; after a restart a barrier write comes first. */
const Grant = command('grant', {});
/** Refuse mail, end mail sessions (never a COMMIT that waits: the server is stopped where one does). */
const Fence = command('fence', { reason: Type.Union([Type.Literal('Demoted'), Type.Literal('Salvage')]) });
/** Stop the server. `kill` = SIGKILL and wait until its processes are gone (works on a hung server). */
const Stop = command('stop', { mode: Type.Union([Type.Literal('fast'), Type.Literal('kill')]) });
/** Start a stopped former primary fenced, alone and for the salvage role only. */
const OpenForSalvage = command('openForSalvage', {});
/** Rewind onto `from`'s timeline (422 `RewindUnavailable` where the server has no pg_rewind: clone then). */
const Rewind = command('rewind', { from: Upstream });
/** Keep log for exactly these other members (physical slots), at most `retainBytes` each. */
const KeepFor = command('keepFor', { members: Type.Array(Type.String()), retainBytes: Type.Integer({ minimum: 0 }) });
/** Where the others are, for the isolation rule. */
const SetPeers = command('setPeers', { peers: Type.Array(Type.Object({ member: Type.String(), url: Type.String() })) });

export const MemberCommand = Type.Union([
  Initialize,
  Clone,
  Follow,
  Detach,
  CatchUp,
  Checkpoint,
  Promote,
  SetSynchronous,
  Stamp,
  Grant,
  Fence,
  Stop,
  OpenForSalvage,
  Rewind,
  KeepFor,
  SetPeers,
]);
export type MemberCommand = Static<typeof MemberCommand>;
export type MemberCommandKind = MemberCommand['kind'];

export const SignedCommand = Type.Object(
  {
    id: Type.String(),
    cluster: Type.String(),
    partition: Type.String(),
    member: Type.String(),
    /** The epoch under which the operator acts. An agent refuses anything below the highest it has obeyed. */
    epoch: Type.Integer({ minimum: 1 }),
    /** Milliseconds since 1970. */
    expiresAt: Type.Integer(),
    command: MemberCommand,
  },
  { additionalProperties: false },
);
export type SignedCommand = Static<typeof SignedCommand>;

export const CommandResult = Type.Object({
  kind: Type.String(),
  /** Position after the command: detach, catchUp, promote, and what copies or follows. `mayLack` as in a report of that moment. */
  received: Type.Optional(Type.String()),
  applied: Type.Optional(Type.String()),
  timeline: Type.Optional(Type.Integer()),
  mayLack: Type.Optional(Type.Literal(true)),
});
export type CommandResult = Static<typeof CommandResult>;

export const CommandFailure = Type.Object({ code: Type.String(), message: Type.String() });
export type CommandFailure = Static<typeof CommandFailure>;
