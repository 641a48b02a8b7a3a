import { castOf, QUORUM } from '#demo/cast.ts';
import { openDemoCluster } from '#demo/demo-cluster.ts';
import { pause } from '#runtime/deadline.ts';
import type { Bench } from './bench.ts';
import { residentMiB } from './memory.ts';
import { WireClient } from './wire-client.ts';

const CLIENTS = 16;
const MEBIBYTE = 1024 * 1024;
const MESSAGE_BYTES = 50 * MEBIBYTE;
const SAMPLE_MS = 50;
const PROMISE_MIB = 96;
const PASSWORD = 'bench password';

/** Sixteen clients append a message of 50 MiB each, then fetch it, all at once; how far the imapd processes grow. */
export const stream: Bench = {
  name: 'stream',
  about: '16 clients appending and fetching 50 MiB messages at once: growth of an imapd process',
  async run({ signal, progress }) {
    const cluster = await openDemoCluster({ signal, say: progress });
    try {
      const [login] = castOf({ [QUORUM]: 1 }, PASSWORD);
      if (login === undefined) throw new Error('no user');
      await cluster.createUser(login.user, login.password);
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => signIn(cluster.endpoint, login.user)));
      await clients[0]?.append('INBOX', MEBIBYTE);
      const pids = await cluster.imapdPids();
      const before = await residentMiB(pids);
      const appended = await grow(pids, before, async () => {
        await Promise.all(clients.map((client) => client.append('INBOX', MESSAGE_BYTES)));
      });
      progress(`appended: grew by ${appended.growth.toFixed(0)} MiB`);
      await Promise.all(clients.map((client) => client.command('SELECT INBOX')));
      const fetched = await grow(pids, before, async () => {
        await Promise.all(clients.map((client, i) => client.command(`FETCH ${i + 2} BODY.PEEK[]`)));
      });
      for (const client of clients) client.close();
      return [
        figure('APPEND', appended.growth),
        figure('FETCH', fetched.growth),
        { what: 'APPEND, all clients', value: (CLIENTS * MESSAGE_BYTES) / MEBIBYTE / appended.seconds, unit: 'MiB/s' },
        { what: 'FETCH, all clients', value: (CLIENTS * MESSAGE_BYTES) / MEBIBYTE / fetched.seconds, unit: 'MiB/s' },
      ];
    } finally {
      await cluster.stop();
    }
  },
};

const figure = (what: string, growth: number) => ({
  what: `${what}: most that one imapd process grew`,
  value: growth,
  unit: 'MiB',
  promise: `≤ ${PROMISE_MIB}`,
  kept: growth <= PROMISE_MIB,
});

async function signIn(endpoint: { host: string; port: number }, user: string): Promise<WireClient> {
  const client = await WireClient.connect(endpoint);
  await client.command(`LOGIN ${user} "${PASSWORD}"`);
  return client;
}

async function grow(pids: readonly number[], before: readonly number[], work: () => Promise<void>) {
  const done = new AbortController();
  let growth = 0;
  const watching = (async () => {
    do {
      const now = await residentMiB(pids);
      growth = Math.max(growth, ...now.map((mib, i) => mib - (before[i] ?? mib)));
    } while ((await pause(SAMPLE_MS, done.signal)) === 'elapsed');
  })();
  const begun = performance.now();
  try {
    await work();
  } finally {
    done.abort();
    await watching;
  }
  return { growth, seconds: (performance.now() - begun) / 1000 };
}
