import type { WireClient } from '../wire-client.ts';
import type { Filled } from './fill.ts';
import type { Scene } from './operation.ts';
import { type Side, signIn, WORKER } from './side.ts';

/** Signs the worker in; when the signal fires, and with `close`, all its connections end, and with them what waits for an answer. */
export async function openScene(side: Side, filled: Filled, signal: AbortSignal): Promise<Scene & { close(): void }> {
  const clients: WireClient[] = [];
  const close = (): void => {
    for (const client of clients) client.close();
  };
  signal.addEventListener('abort', close, { once: true });
  const add = async (user: string, endpoint = side.plain): Promise<WireClient> => {
    const client = await signIn(endpoint, user);
    clients.push(client);
    return client;
  };
  const [inbox, large, other] = [await add(WORKER), await add(WORKER), await add(WORKER)];
  await inbox.command('SELECT INBOX');
  await large.command('SELECT Large');
  const { user, endpoint } = side.unremembered;
  const signInAnew = (): Promise<WireClient> => add(user, endpoint);
  return { side, filled, inbox, large, other, signIn: (name) => add(name), signInAnew, kept: new Map(), close };
}
