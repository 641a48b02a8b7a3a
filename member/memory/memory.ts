import { type Static, Type } from 'typebox';
import { CopiedBy } from '#contract/agent-report.ts';
import { MemberEndpoint } from '#contract/routing-document.ts';

export const Upstream = Type.Object({ member: Type.String(), endpoint: MemberEndpoint });
export type Upstream = Static<typeof Upstream>;

export const SynchronousSet = Type.Object({
  required: Type.Integer({ minimum: 0 }),
  members: Type.Array(Type.String()),
});
export type SynchronousSet = Static<typeof SynchronousSet>;

/** What an agent must know after it was killed: kept on disk beside the data directory. */
export const Memory = Type.Object({
  /** Highest epoch of any command obeyed. Never goes down. */
  highestEpoch: Type.Integer({ default: 0 }),
  /** Whom a replica follows; null for a primary. */
  upstream: Type.Union([Upstream, Type.Null()], { default: null }),
  /** A detached replica receives nothing, whatever `upstream` says, until it is told to follow. */
  detached: Type.Boolean({ default: false }),
  /** A former primary that was made a replica, and has not been seen to receive since: its log may differ from everybody's. */
  unproven: Type.Boolean({ default: false }),
  /** What only its data has, where that has been found: until the data is made anew. */
  errant: Type.Union([Type.String(), Type.Null()], { default: null }),
  synchronous: Type.Unsafe<SynchronousSet>({ ...SynchronousSet, default: { required: 0, members: [] } }),
  keep: Type.Object(
    { members: Type.Array(Type.String()), retainBytes: Type.Integer() },
    {
      default: { members: [], retainBytes: 1_073_741_824 },
    },
  ),
  peers: Type.Array(Type.Object({ member: Type.String(), url: Type.String() }), { default: [] }),
  /** Stopped or demoted on command: only a command starts it again. */
  staysStopped: Type.Boolean({ default: false }),
  /** The data directory is being made or overwritten: useless unless that was finished. */
  incomplete: Type.Boolean({ default: false }),
  /** How the data came to be copied last; null: they were made here. */
  copiedBy: Type.Union([CopiedBy, Type.Null()], { default: null }),
});
export type Memory = Static<typeof Memory>;
