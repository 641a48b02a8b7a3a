import type { MemberCommandKind } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import type { UpstreamLog } from '#database/postgres/replication/divergence.ts';
import type { MemberSpec } from '../../../partition/partition-spec.ts';
import type { SqlHandler } from '../carry-out.ts';
import type { SqlOrder } from '../engine-server.ts';
import type { PostgresLook } from './probe-server.ts';
import type { SqlServer } from './sql-server.ts';

/** What a command may use. */
export type SqlContext = SqlOrder & {
  readonly member: MemberName;
  readonly database: string;
  readonly server: SqlServer;
  readonly members: readonly MemberSpec[];
  /** The server as it is now. */
  readonly look: () => Promise<PostgresLook>;
  /** Another member, to follow it. */
  readonly neighbour: (member: MemberName) => Neighbour;
};

export type Neighbour = {
  readonly log: (signal: AbortSignal) => Promise<UpstreamLog>;
  /** Whether it still has the log from a position on. */
  readonly hasLogFrom: (position: string, signal: AbortSignal) => Promise<boolean>;
  readonly reserve: (member: MemberName, signal: AbortSignal) => Promise<void>;
};

export type PostgresHandler<K extends MemberCommandKind> = SqlHandler<K, SqlContext>;
