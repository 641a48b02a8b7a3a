import { type BenchContext, type Figure, promised } from '../bench.ts';
import type { WireClient } from '../wire-client.ts';
import type { Scenes } from './compare.ts';
import type { OurServer } from './our-server.ts';
import { crowd, type Side, signIn } from './side.ts';
import { memoryKiB } from './usage.ts';

const OURS = 5_000;
/** Each of its sessions is a process of its own, or two: fewer tell as much. */
const THEIRS = 100;
const AT_ONCE = 20;
const PROMISE_KB = 40;
/** Below, the growth of a heap hides what a session takes. */
const ENOUGH = 1_000;

/**
 * Sessions in IDLE over TLS: growth of the memory of all processes of the server (PSS), by session. Ours are on one imapd
 * process; `messages` of the bench bounds how many, so that a small run is small.
 */
export async function idleMemory(scenes: Scenes, ours: OurServer, context: BenchContext): Promise<readonly Figure[]> {
  const sessions = Math.min(OURS, context.messages ?? OURS);
  const our = await growthOf(ours, sessions, context);
  const their = await growthOf(scenes.dovecot.side, Math.min(THEIRS, sessions), context);
  const what = `idle connection over TLS, PSS (${sessions} of ours)`;
  const idle = promised({ what, value: our.each, unit: 'kB', atMost: PROMISE_KB });
  const compared = { unit: 'kB each', ours: our.each, theirs: their.each };
  return [
    sessions < ENOUGH ? { what, value: our.each, unit: 'kB', compared } : { ...idle, compared },
    {
      what: 'memory of all processes before these, PSS',
      value: our.before,
      unit: 'KiB',
      compared: { unit: 'KiB', ours: our.before, theirs: their.before },
    },
  ];
}

async function growthOf(
  side: Side,
  sessions: number,
  { signal, progress }: BenchContext,
): Promise<{ readonly before: number; readonly each: number }> {
  const { all: before = 0 } = await memoryKiB(side);
  const clients: WireClient[] = [];
  try {
    for (let opened = 0; opened < sessions; opened += AT_ONCE) {
      signal.throwIfAborted();
      const count = Math.min(AT_ONCE, sessions - opened);
      clients.push(...(await Promise.all(Array.from({ length: count }, (_, i) => idler(side, opened + i)))));
    }
    const { all: after = 0 } = await memoryKiB(side);
    progress(`${side.name}: ${sessions} idle sessions, from ${before} to ${after} KiB`);
    return { before, each: ((after - before) * 1.024) / sessions };
  } finally {
    for (const client of clients) client.close();
  }
}

async function idler(side: Side, n: number): Promise<WireClient> {
  const client = await signIn(side.tls, crowd[n % crowd.length] ?? '');
  await client.command('SELECT INBOX');
  await client.idle();
  return client;
}
