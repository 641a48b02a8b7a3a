import { Client } from 'pg';
import { QUORUM } from '#demo/cast.ts';
import type { DatabaseLogin } from '#demo/cluster.ts';
import { type Bench, type BenchContext, type Figure, promised, quantile } from './bench.ts';
import { withBenchCluster } from './bench-cluster.ts';
import { fillMailbox } from './fill-mailbox.ts';
import { type Growth, growthDuring } from './memory.ts';
import type { WireClient } from './wire-client.ts';

const MESSAGES = 160_000;
const SAMPLE_MS = 5;
const PROMISE_MS = 500;
const PROMISE_MIB = 10;

/**
 * SELECT of a large mailbox through IMAP: cold, when its imapd has never seen it; then by a second session. Each run
 * has a mailbox of its own, since a view that was loaded once stays warm for a while. Memory is resident memory of the
 * imapd process, sampled every 5 ms from right before the command until its tagged answer.
 */
export const select: Bench = {
  name: 'select',
  about: `SELECT of a mailbox with ${MESSAGES} messages: time and memory, cold and for a second session`,
  run: (context) =>
    withBenchCluster(context, async ({ cluster, user, signIn }) => {
      const first = await signIn();
      const second = await signIn();
      const [pid = 0] = await cluster.imapdPids();
      const runs: Measured[] = [];
      for (let i = 0; i < context.runs; i++) {
        const name = `Large${i}`;
        await first.command(`CREATE ${name}`);
        await first.append(name, 1024);
        await fill(await cluster.mailDatabase(QUORUM), { owner: user, name });
        runs.push(await measure({ first, second, pid, name, context }));
      }
      for (const client of [first, second]) client.close();
      return figuresOf(runs);
    }),
};

type Measured = { readonly cold: Growth; readonly second: Growth };
type Where = {
  readonly first: WireClient;
  readonly second: WireClient;
  readonly pid: number;
  readonly name: string;
  readonly context: BenchContext;
};

async function measure({ first, second, pid, name, context }: Where): Promise<Measured> {
  const cold = await growthDuring(pid, SAMPLE_MS, () => first.command(`SELECT ${name}`));
  const again = await growthDuring(pid, SAMPLE_MS, () => second.command(`SELECT ${name}`));
  await Promise.all([first.command('UNSELECT'), second.command('UNSELECT')]);
  const told = [
    `cold ${ms(cold).toFixed(0)} ms, at most +${cold.peakMiB.toFixed(1)} MiB`,
    `second session ${ms(again).toFixed(1)} ms, +${again.peakMiB.toFixed(2)} MiB`,
  ];
  context.progress(`${name}: ${told.join('; ')}`);
  return { cold, second: again };
}

const ms = ({ seconds }: Growth): number => seconds * 1000;

async function fill(login: DatabaseLogin, mailbox: { readonly owner: string; readonly name: string }): Promise<void> {
  const client = new Client(login);
  await client.connect();
  try {
    await fillMailbox((text, values) => client.query(text, values), { ...mailbox, messages: MESSAGES });
  } finally {
    await client.end();
  }
}

function figuresOf(runs: readonly Measured[]): readonly Figure[] {
  const median = (pick: (run: Measured) => number): number => quantile(runs.map(pick), 0.5);
  // The first view makes room that later ones use again, so the largest growth is the honest one.
  const largest = (pick: (run: Measured) => number): number => Math.max(...runs.map(pick));
  const coldMs = median((run) => ms(run.cold));
  const coldMiB = largest((run) => run.cold.peakMiB);
  return [
    promised({ what: 'cold SELECT, median', value: coldMs, unit: 'ms', atMost: PROMISE_MS }),
    promised({
      what: 'cold SELECT: highest growth on the way, largest',
      value: coldMiB,
      unit: 'MiB',
      atMost: PROMISE_MIB,
    }),
    { what: 'cold SELECT: growth once it is answered, median', value: median((run) => run.cold.afterMiB), unit: 'MiB' },
    { what: 'second session, median', value: median((run) => ms(run.second)), unit: 'ms' },
    { what: 'second session: growth, largest', value: largest((run) => run.second.peakMiB), unit: 'MiB' },
  ];
}
