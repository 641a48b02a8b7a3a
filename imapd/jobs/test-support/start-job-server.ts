import type { MemberEndpoint } from '#contract/routing-document.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { freePort } from '#runtime/test-support/free-ports.ts';
import { TEST_PASSWORD } from '../../store/test-support/mysql-database.ts';
import { startStoreServer } from '../../store/test-support/start-store-server.ts';
import type { TestStoreServer } from '../../store/test-support/test-store-server.ts';

/** A server where jobs sign in too: all accounts with one password. */
export type JobServer = TestStoreServer & { readonly endpoint: MemberEndpoint; readonly password: string };

const POSTGRES_PORT = 5432;

export async function startJobServer(engine: EngineUnderTest): Promise<JobServer> {
  if (engine === 'postgresql') {
    const server = await startStoreServer(engine);
    return { ...server, endpoint: { host: server.at, port: POSTGRES_PORT }, password: 'unused' };
  }
  const endpoint = { host: '127.0.0.1', port: await freePort() };
  const network = ['--skip-networking=0', `--bind-address=${endpoint.host}`, `--port=${endpoint.port}`];
  return { ...(await startStoreServer(engine, network)), endpoint, password: TEST_PASSWORD };
}
