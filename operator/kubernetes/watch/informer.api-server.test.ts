import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import type { ApiClient } from '../api/api-client.ts';
import { configMaps } from '../api/resource.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { grant } from '../test-support/grant.ts';
import { Informer } from './informer.ts';
import type { Change } from './object-cache.ts';

let server: ApiServer;
let client: ApiClient;

beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server.stop());

const within = { timeout: 30_000, interval: 20 };

type Data = Readonly<Record<string, string>>;
const object = (name: string, data: Data, labels: Data = {}) => ({
  metadata: { name, namespace: 'default', labels },
  data,
});

function watchLabel(label: string, as: ApiClient = client) {
  const stop = new AbortController();
  const informer = new Informer({
    ...runtime,
    client: as,
    resource: configMaps,
    namespace: 'default',
    labelSelector: `suite=${label}`,
  });
  const changes: string[] = [];
  informer.onChange((change) => changes.push(tell(change)));
  const running = informer.run(stop.signal);
  return {
    informer,
    changes,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

function tell({ before, after }: Change<{ metadata: { name: string } }>): string {
  if (after === null) return `-${before?.metadata.name}`;
  return `${before === null ? '+' : '~'}${after.metadata.name}`;
}

async function put(name: string, value: string, label: string): Promise<void> {
  await client.apply(configMaps, object(name, { value }, { suite: label }), { manager: 'test' });
}

test('knows what was there before, and hears of what comes, changes, leaves its selection and goes', async () => {
  await put('first', '1', 'plain');
  await using watched = watchLabel('plain');
  const { informer, changes } = watched;
  await informer.synced;
  expect(informer.list().map(({ data }) => data)).toEqual([{ value: '1' }]);
  await put('second', '1', 'plain');
  await put('first', '2', 'plain');
  await vi.waitFor(() => expect(changes).toEqual(['+first', '+second', '~first']), within);
  await put('first', '2', 'elsewhere');
  await client.delete(configMaps, { namespace: 'default', name: 'second' });
  await vi.waitFor(() => expect(changes.slice(3)).toEqual(['-first', '-second']), within);
  expect(informer.get('default/first')).toBeUndefined();
});

test('reads a list page by page, and keeps no managedFields', async () => {
  const names = Array.from({ length: 620 }, (_, index) => `many-${index}`);
  for (let start = 0; start < names.length; start += 20)
    await Promise.all(names.slice(start, start + 20).map((name) => put(name, '1', 'many')));
  await using watched = watchLabel('many');
  await watched.informer.synced;
  expect(watched.informer.list()).toHaveLength(names.length);
  expect(watched.informer.list().some(({ metadata }) => 'managedFields' in metadata)).toBe(false);
});

test('goes on by itself after an outage, with what was missed', async () => {
  await put('outage', '1', 'outage');
  await using watched = watchLabel('outage');
  const { informer, changes } = watched;
  await informer.synced;
  await server.interrupt();
  await expect(put('outage', '2', 'outage')).rejects.toThrow('ECONNREFUSED');
  await server.resume();
  await put('outage', '3', 'outage');
  await vi.waitFor(() => expect(informer.get('default/outage')?.data).toEqual({ value: '3' }), within);
  expect(changes).toEqual(['+outage', '~outage']);
});

test('may begin while there is no server', async () => {
  await put('later', '1', 'later');
  await server.interrupt();
  await using watched = watchLabel('later');
  let synced = false;
  const first = watched.informer.synced.then(() => {
    synced = true;
  });
  await expect(put('later', '2', 'later')).rejects.toThrow('ECONNREFUSED');
  expect(synced).toBe(false);
  await server.resume();
  await first;
  expect(watched.informer.list()).toHaveLength(1);
});

test('waits for the rights that it lacks', async () => {
  await put('secret', '1', 'rights');
  const guest = connect(await server.kubeconfigFor({ name: 'guest' }));
  const refusal = { status: 403, reason: 'Forbidden' };
  await expect(guest.list(configMaps, { namespace: 'default' })).rejects.toMatchObject(refusal);
  await using watched = watchLabel('rights', guest);
  const metadata = { name: 'guest', namespace: 'default' };
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }];
  await grant(client, { metadata, user: 'guest', rules });
  await watched.informer.synced;
  expect(watched.changes).toEqual(['+secret']);
});
