import type { Engine } from '#database/engine.ts';
import { selectEpoch as selectEpochOfMysql } from '#database/mysql/repository-epoch.ts';
import { selectEpoch } from '#database/postgres/repository-epoch.ts';
import { batch, onlyRow } from '../store/mysql/connection.ts';
import { migrate as migrateMysql } from '../store/mysql/migrations/migrate.ts';
import { verify as verifyMysql } from '../store/mysql/verify.ts';
import { migrate as migratePostgres } from '../store/postgres/migrations/migrate.ts';
import { verify as verifyPostgres } from '../store/postgres/verify.ts';
import type { MigrationReport } from '../store/schema-versions.ts';
import type { Check, Difference } from '../store/verify.ts';
import { connectMysql } from './connect-mysql.ts';
import { connectPostgres } from './connect-postgres.ts';
import type { Credentials } from './credentials.ts';
import type { Place } from './place.ts';

/** One member, as `migrate` and `verify` have to do with it, whatever its engine. */
export interface JobMember {
  /** null before the first stamp. */
  epoch(): Promise<number | null>;
  migrate(): Promise<MigrationReport>;
  /** In one snapshot. */
  verify(started: (check: Check) => void): Promise<readonly Difference[]>;
  end(): Promise<void>;
}

type Open = (place: Place, credentials: Credentials) => Promise<JobMember>;

const openPostgres: Open = async (place, credentials) => {
  const pool = await connectPostgres(place, credentials);
  const client = await pool.connect();
  return {
    epoch: async () => (await client.query<{ epoch: number | null }>(selectEpoch)).rows[0]?.epoch ?? null,
    migrate: () => migratePostgres(client),
    async verify(started) {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const differences = await verifyPostgres(client, started);
      await client.query('COMMIT');
      return differences;
    },
    async end() {
      client.release();
      await pool.end();
    },
  };
};

const openMysql: Open = async (place, credentials) => {
  const c = await connectMysql(place, credentials);
  return {
    epoch: async () => (await onlyRow<{ epoch: number | null }>(c, selectEpochOfMysql)).epoch,
    migrate: () => migrateMysql(c),
    async verify(started) {
      await batch(c, [
        { name: 'verify-isolation', text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ' },
        { name: 'verify-begin', text: 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY' },
      ]);
      const differences = await verifyMysql(c, started);
      await batch(c, [{ name: 'verify-end', text: 'COMMIT' }]);
      return differences;
    },
    end: () => c.end(),
  };
};

/** How a job comes to a member, by its engine. */
export const engines: Readonly<Record<Engine, Open>> = {
  postgresql: openPostgres,
  mariadb: openMysql,
  mysql: openMysql,
};
