import type { MysqlConnection } from '../connection/mysql-connection.ts';

/**
 * Two sessions of the agent on one server. Some statements of its wait for as long as another server, or the network, is away: one
 * session may be left to wait, the other sees to it.
 */
export type SessionPair = { readonly waiter: MysqlConnection; readonly watcher: MysqlConnection };
