import type { Engine } from '#database/engine.ts';
import type { ServerPlace, TestServer } from '../test-server.ts';
import { PostgresServer } from './postgres.ts';

/** A server of each engine that tests of routing run on. */
const servers: { readonly [E in Engine]?: new (place: ServerPlace) => TestServer } = {
  postgresql: PostgresServer,
};

export function newServer(engine: Engine, place: ServerPlace): TestServer {
  const Server = servers[engine];
  if (Server === undefined) throw new Error(`no test server of ${engine}`);
  return new Server(place);
}
