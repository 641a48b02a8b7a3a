import type { Engine } from '#database/engine.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import { ensureServer } from '#database/programs/ensure-server.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { embeddedPostgres } from './embedded-postgres.ts';

export type ServerPrograms = {
  readonly engine: Engine;
  readonly bin: string;
  /** Settings by which several of them fit on one machine. */
  readonly small: Readonly<Record<string, string>>;
};

const SMALL: Readonly<Record<Engine, Readonly<Record<string, string>>>> = {
  postgresql: { shared_buffers: '16MB' },
  mariadb: { innodb_buffer_pool_size: '16M', innodb_log_file_size: '16M', aria_pagecache_buffer_size: '8M' },
  mysql: { innodb_buffer_pool_size: '16M', innodb_redo_log_capacity: '16M' },
};

/** @throws ServerUnavailable */
export async function serverPrograms(server: EngineUnderTest): Promise<ServerPrograms> {
  if (server === 'postgresql') return { engine: server, bin: await embeddedPostgres(), small: SMALL.postgresql };
  const engine = packagedServers[server].kind;
  return { engine, bin: await ensureServer(server), small: SMALL[engine] };
}
