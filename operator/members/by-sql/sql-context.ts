import type { CommandResult, MemberCommand, MemberCommandKind } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import type { UpstreamLog } from '#database/postgres/replication/divergence.ts';
import type { MemberSpec } from '../../partition/partition-spec.ts';
import type { Look } from './probe-server.ts';
import type { SqlServer } from './sql-server.ts';

/** What a command may use. */
export type SqlContext = {
  readonly member: MemberName;
  readonly database: string;
  readonly server: SqlServer;
  /** Epoch under which the operator acts. */
  readonly epoch: number;
  readonly members: readonly MemberSpec[];
  readonly signal: AbortSignal;
  /** The server as it is now. */
  readonly look: () => Promise<Look>;
  /** Another member, to follow it. */
  readonly neighbour: (member: MemberName) => Neighbour;
  /** What the server shows now has reached its synchronous set. */
  readonly vouch: (life: string) => void;
  /** Log is to be kept for these, from now on. */
  readonly keep: (members: readonly MemberName[]) => void;
};

export type Neighbour = {
  readonly log: (signal: AbortSignal) => Promise<UpstreamLog>;
  /** Whether it still has the log from a position on. */
  readonly hasLogFrom: (position: string, signal: AbortSignal) => Promise<boolean>;
  readonly reserve: (member: MemberName, signal: AbortSignal) => Promise<void>;
};

export type SqlAnswer = Omit<CommandResult, 'kind'>;

/**
 * Carries out one kind of command; asked again, it finds its work done.
 * @throws Impossible where SQL cannot do it, or not in this state
 */
export type SqlHandler<K extends MemberCommandKind> = (
  command: Extract<MemberCommand, { kind: K }>,
  context: SqlContext,
) => Promise<SqlAnswer>;

/** Positions of the server now, as the answer of a command. */
export async function positions({ look }: SqlContext): Promise<SqlAnswer> {
  const { received, applied, timeline } = (await look()).observation.replication;
  return { received, applied, timeline };
}
