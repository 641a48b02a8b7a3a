import type { MailboxPartition } from '#crds/mailbox-partition.ts';

export type EngineName = MailboxPartition['spec']['repository']['engine'];

const USUAL_PORT = { postgresql: 5432, mariadb: 3306, mysql: 3306 } as const satisfies Record<EngineName, number>;

/** Where servers of that engine listen unless told otherwise. */
export const usualPort = (engine: EngineName): number => USUAL_PORT[engine];
