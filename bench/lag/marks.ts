import type { AgentOf } from '#demo/databases/agent-of.ts';
import { openMysqlMarks } from './mysql-marks.ts';
import { openPostgresMarks } from './postgres-marks.ts';

/** A row of the scratch table, by the primary's clock, ms. */
export type Mark = {
  /** Before it was inserted. */
  readonly begunAt: number;
  /** When its COMMIT was over, which waits for a replica as every COMMIT does. */
  readonly acknowledgedAt: number;
};

/** One look at a replica, by its clock, ms: what it saw was there by then. */
export type Look = { readonly at: number; readonly newest: number };

/** A session of the admin account on one member. */
export type MarkSession = {
  /** On the primary: the table, anew. */
  prepare(): Promise<void>;
  /** On the primary, in one round trip. @param n 1, 2, 3 … */
  write(n: number): Promise<Mark>;
  /** On a replica: the highest number that is there, 0 where none is. */
  look(): Promise<Look>;
  close(): Promise<void>;
};

export const openMarks = (agent: AgentOf): Promise<MarkSession> =>
  agent.engine === 'postgresql' ? openPostgresMarks(agent) : openMysqlMarks(agent);
