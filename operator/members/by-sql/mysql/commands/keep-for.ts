import type { MysqlHandler } from '../context.ts';

/**
 * The log of these servers is their owner's: it stays for as long as `binlog_expire_logs_seconds` says, whoever needs it, which is
 * a day at least (fitness/wanted.ts). Nothing of it is removed by us: it may be the owner's way back to a point in time.
 */
export const keepFor: MysqlHandler<'keepFor'> = async () => ({});
