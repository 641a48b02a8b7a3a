import { type ClientBase, Pool, type PoolClient } from 'pg';
import { verifiedTls } from '#database/tls/verified-tls.ts';
import type { DriverPool, Loan, PoolOptions } from '../driver.ts';
import { connectionSettings } from './connection-settings.ts';
import { MailConnection } from './mail-connection.ts';

/** Connections of one role to one PostgreSQL server. */
export class SessionPool implements DriverPool<ClientBase> {
  readonly #pool: Pool;

  constructor({ role, endpoint, tls, applicationName, idleMs, ...options }: PoolOptions) {
    this.#pool = new Pool({
      ...connectionSettings(role),
      host: endpoint.host,
      port: endpoint.port,
      ...(tls === undefined ? {} : { ssl: verifiedTls(tls, endpoint.host) }),
      ...options,
      application_name: applicationName,
      idleTimeoutMillis: idleMs,
      Client: MailConnection,
    });
    // An idle connection that breaks is dropped by the pool; whoever needs one next learns of it by connecting.
    this.#pool.on('error', () => undefined);
  }

  get open(): number {
    return this.#pool.totalCount;
  }

  get idle(): number {
    return this.#pool.idleCount;
  }

  get waiting(): number {
    return this.#pool.waitingCount;
  }

  async acquire(): Promise<Loan<ClientBase>> {
    return loanOf(await this.#pool.connect());
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

function loanOf(connection: PoolClient): Loan<ClientBase> {
  return {
    connection,
    giveBack: () => connection.release(),
    discard() {
      if (connection instanceof MailConnection) connection.abandon();
      connection.release(true);
    },
  };
}
