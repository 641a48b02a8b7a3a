import { type Bench, type Figure, promised } from './bench.ts';
import { withBenchCluster } from './bench-cluster.ts';
import { growthDuring } from './memory.ts';
import type { WireClient } from './wire-client.ts';

const CLIENTS = 16;
const MEBIBYTE = 1024 * 1024;
const MESSAGE_BYTES = 50 * MEBIBYTE;
const SAMPLE_MS = 20;
const PROMISE_MIB = 96;

/**
 * Sixteen clients append a message of 50 MiB each, then fetch one each, all at once on one imapd process. Measured is the
 * highest resident memory of that process on the way, sampled every 20 ms, less what it had when all were signed in and one small
 * message had passed.
 */
export const stream: Bench = {
  name: 'stream',
  about: '16 clients append and fetch 50 MiB messages at once: growth of the one imapd process that serves them',
  run: (context) =>
    withBenchCluster(context, async ({ cluster, signIn }) => {
      const clients = await Promise.all(Array.from({ length: CLIENTS }, signIn));
      await clients[0]?.append('INBOX', MEBIBYTE);
      const [pid = 0] = await cluster.imapdPids();
      const everybody = (work: (client: WireClient, i: number) => Promise<unknown>) => Promise.all(clients.map(work));
      let appended = { seconds: 0, peakMiB: 0 };
      let fetched = { seconds: 0, peakMiB: 0 };
      const both = await growthDuring(pid, SAMPLE_MS, async () => {
        appended = await growthDuring(pid, SAMPLE_MS, () =>
          everybody((client) => client.append('INBOX', MESSAGE_BYTES)),
        );
        context.progress(`appended: grew by ${appended.peakMiB.toFixed(0)} MiB`);
        await everybody((client) => client.command('SELECT INBOX'));
        fetched = await growthDuring(pid, SAMPLE_MS, () =>
          everybody((client, i) => client.command(`FETCH ${i + 2} BODY.PEEK[]`)),
        );
        context.progress(`fetched: grew by a further ${fetched.peakMiB.toFixed(0)} MiB`);
      });
      for (const client of clients) client.close();
      return [
        growth('growth while appending and fetching', both.peakMiB),
        { what: 'growth while appending', value: appended.peakMiB, unit: 'MiB' },
        { what: 'growth while fetching, from where it was then', value: fetched.peakMiB, unit: 'MiB' },
        { what: 'APPEND, all clients', value: (CLIENTS * MESSAGE_BYTES) / MEBIBYTE / appended.seconds, unit: 'MiB/s' },
        { what: 'FETCH, all clients', value: (CLIENTS * MESSAGE_BYTES) / MEBIBYTE / fetched.seconds, unit: 'MiB/s' },
      ];
    }),
};

const growth = (what: string, value: number): Figure => promised({ what, value, unit: 'MiB', atMost: PROMISE_MIB });
