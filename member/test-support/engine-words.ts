import type { Engine } from '#database/engine.ts';
import { wordsOf as mysqlWords } from '#database/mysql/replication/words.ts';
import { askAs } from './connect-as.ts';
import type { RunningMember, RunningMembers } from './start-members.ts';

type EngineWords = {
  /** What a role is told that is not let in. */
  readonly shut: string;
  /** Where in its data a server notes its process, until it has ended in order. */
  readonly pidFile: string;
};

const ofMysql: EngineWords = { shut: 'locked', pidFile: 'server.pid' };

/** What every engine has, and each calls differently. */
export const engineWords: Readonly<Record<Engine, EngineWords>> = {
  postgresql: { shut: 'pg_hba.conf', pidFile: 'postmaster.pid' },
  mariadb: ofMysql,
  mysql: ofMysql,
};

/** Commits that wait for a replica. */
export async function waitingCommits(member: RunningMember, running: RunningMembers): Promise<number> {
  const [row] = await askAs('mail', { member, running }, countWaiting(running.engine));
  return Number(row?.n ?? row?.Value);
}

const countWaiting = (engine: Engine): string =>
  engine === 'postgresql'
    ? "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    : `SHOW GLOBAL STATUS LIKE '${mysqlWords[engine].semiSyncSource}\\_wait\\_sessions'`;
