import type { Flavour } from '../flavour.ts';

/** What the two call the same things. */
export type Words = {
  /** In `STOP …`, `SHOW … STATUS`. */
  readonly replica: string;
  /** In `CHANGE …`. */
  readonly source: string;
  /** Of variables of semi-synchronous commits, on the one side and the other. */
  readonly semiSyncSource: string;
  readonly semiSyncReplica: string;
  readonly waitWithoutReplica: string;
};

export const wordsOf: Readonly<Record<Flavour, Words>> = {
  mariadb: {
    replica: 'SLAVE',
    source: 'MASTER',
    semiSyncSource: 'rpl_semi_sync_master',
    semiSyncReplica: 'rpl_semi_sync_slave',
    waitWithoutReplica: 'rpl_semi_sync_master_wait_no_slave',
  },
  mysql: {
    replica: 'REPLICA',
    source: 'REPLICATION SOURCE',
    semiSyncSource: 'rpl_semi_sync_source',
    semiSyncReplica: 'rpl_semi_sync_replica',
    waitWithoutReplica: 'rpl_semi_sync_source_wait_no_replica',
  },
};
