import type { ClientConfig } from 'pg';
import type { Role } from '../driver.ts';

/** A dead host is noticed within this time even when nothing is under way, ms. */
const TCP_USER_TIMEOUT_MS = 10_000;
/** After this the server ends a transaction that we abandoned without its noticing, ms; less than any writeHold. */
const IDLE_IN_TRANSACTION_MS = 5_000;
const READ_STATEMENT_MS = 30_000;
const MONITOR_STATEMENT_MS = 2_000;
/** Longest wait for a row that another transaction holds, ms; then the transaction is run again. */
const LOCK_MS = 5_000;

/**
 * Our statements are few, prepared, and each has the index that it was written for (but for tables of a few rows). Left to itself
 * the server plans the larger ones anew each time, which took longer than to run them; and what was planned while a table was
 * empty would read all of it until the next ANALYZE. To compile what the planner takes for costly, as it does where only a
 * whole table is left to it, is of no use to any of them.
 */
const byIndex = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };

const everywhere: Readonly<Record<string, string | number>> = {
  // The warning that a COMMIT's wait for its replicas was cancelled must reach us (see commit.ts).
  client_min_messages: 'warning',
  tcp_user_timeout: TCP_USER_TIMEOUT_MS,
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 3,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
};

/**
 * Server-side settings by role. `write` has no statement_timeout, for it would also cancel a COMMIT that waits for its
 * synchronous replica: the server would report success for what only it has. Nor is the fence
 * `default_transaction_read_only` ever lifted from here.
 */
const byRole: Readonly<Record<Role, Readonly<Record<string, string | number>>>> = {
  write: { ...byIndex, statement_timeout: 0, lock_timeout: LOCK_MS },
  read: { ...byIndex, statement_timeout: READ_STATEMENT_MS, default_transaction_read_only: 'on' },
  content: { ...byIndex, statement_timeout: READ_STATEMENT_MS, default_transaction_read_only: 'on' },
  monitor: { statement_timeout: MONITOR_STATEMENT_MS, default_transaction_read_only: 'on' },
  probe: { statement_timeout: 0, lock_timeout: LOCK_MS },
};

export function connectionSettings(role: Role): ClientConfig {
  const settings = Object.entries({ ...everywhere, ...byRole[role] });
  return {
    options: settings.map(([name, value]) => `-c ${name}=${value}`).join(' '),
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    // Statements that need no answer of each other share a round trip. Not for content: COPY cannot be pipelined.
    pipeline: role !== 'content',
  };
}
