import type { MemberCommandKind } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import type { Upstream } from '#database/mysql/replication/compare.ts';
import type { SqlHandler } from '../carry-out.ts';
import type { SqlOrder } from '../engine-server.ts';
import type { MysqlLook } from './looks/look.ts';
import type { MysqlSessions } from './sessions.ts';

/** What a command may use. */
export type MysqlContext = SqlOrder & {
  readonly member: MemberName;
  readonly database: string;
  readonly sessions: MysqlSessions;
  /** The server as it is now. */
  readonly look: () => Promise<MysqlLook>;
  /** What another member says of its log. */
  readonly logOf: (member: MemberName, signal: AbortSignal) => Promise<Upstream>;
};

export type MysqlHandler<K extends MemberCommandKind> = SqlHandler<K, MysqlContext>;
