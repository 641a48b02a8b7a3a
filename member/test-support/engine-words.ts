import type { Engine } from '#database/engine.ts';

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
