import { performance } from 'node:perf_hooks';
import { openStore } from '#imapd/store/test-support/open-postgres-store.ts';
import { startPostgres } from '#imapd/store/test-support/postgres-server.ts';
import { attempt, type StoreFixture } from '#imapd/store/test-support/store-fixture.ts';
import { type Bench, type Figure, promised, quantile } from './bench.ts';

const MESSAGES = 160_000;
const MEBIBYTE = 1024 * 1024;

/**
 * What the store needs to load the view of a mailbox with 160,000 messages: one statement and its unpacking, on a
 * connection that exists, with the server's caches warm.
 */
export const storeView: Bench = {
  name: 'store-view',
  about: 'loading the view of a mailbox with 160,000 messages from PostgreSQL, without IMAP around it',
  async run({ progress, runs }) {
    const server = await startPostgres();
    try {
      const fixture = await openStore(server);
      try {
        progress('filling a mailbox');
        await fill(fixture);
        return await measure(fixture, runs);
      } finally {
        await fixture.close();
      }
    } finally {
      await server.stop();
    }
  },
};

/** One APPEND a message would take minutes: the rows are written as APPEND leaves them. */
async function fill({ sql, inbox }: StoreFixture): Promise<void> {
  await sql(
    `INSERT INTO mail.message (mailbox, uid, modseq, content, operation, keywords, size, internal_date, flags)
     SELECT $1, n, n, gen_random_uuid(), gen_random_uuid(), (n % 7)::bigint << (n % 40)::int, 20480,
       timestamptz '2026-01-01' + n * interval '1 minute', n % 16
     FROM generate_series(1, ${MESSAGES}) AS n`,
    [inbox],
  );
  await sql(
    `UPDATE mail.mailbox SET uid_next = ${MESSAGES + 1}, modseq = ${MESSAGES}, recent_from = ${MESSAGES + 1}, messages = ${MESSAGES} WHERE id = $1`,
    [inbox],
  );
  await sql('VACUUM ANALYZE mail.message');
}

async function measure({ store, inbox }: StoreFixture, runs: number): Promise<readonly Figure[]> {
  const times: number[] = [];
  const load = async () => {
    const begun = performance.now();
    const view = await store.loadView(inbox, attempt);
    times.push(performance.now() - begun);
    if (view?.rows.count !== MESSAGES) throw new Error('the view is not whole');
    return view;
  };
  await load();
  const before = usedMemory();
  const kept = await load();
  const mebibytes = (usedMemory() - before) / MEBIBYTE;
  for (let run = 2; run < runs; run++) await load();
  return [
    promised({
      what: `load a view of ${kept.rows.count} messages, median`,
      value: quantile(times, 0.5),
      unit: 'ms',
      atMost: 500,
    }),
    promised({ what: 'memory it keeps', value: mebibytes, unit: 'MiB', atMost: 10 }),
  ];
}

/** Typed arrays live outside the heap; `--expose-gc` makes the figure exact. */
function usedMemory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
