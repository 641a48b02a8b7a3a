import type { Store } from '../../store/store.ts';
import type { Authenticator } from '../authenticator.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts';

export const NEIGHBOUR = { user: 'neighbour', password: 'neighbour' } as const;

/** Signing in needs no store; whatever does is not for this server. */
const noStore = new Proxy({} as Store, {
  get: (_, property) => {
    throw new Error(`this server has no store (${String(property)})`);
  },
});

const knowsOnlyTheNeighbour: Authenticator = async ({ user, password }) => {
  const known = user === NEIGHBOUR.user && password === NEIGHBOUR.password;
  return known ? { kind: 'ok', user: { name: user, store: noStore } } : { kind: 'wrong' };
};

/** The whole session layer on real sockets, without any store. */
export const startBareServer = (options: Partial<TestServerOptions> = {}): Promise<TestServer> =>
  startTestServer({ authenticator: knowsOnlyTheNeighbour, ...options });
