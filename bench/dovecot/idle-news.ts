import { pause } from '#runtime/deadline.ts';
import { type BenchContext, type Figure, promised, quantile } from '../bench.ts';
import type { Scenes } from './compare.ts';
import { startOurs } from './our-server.ts';
import { crowd, type Side, signIn } from './side.ts';

const CHANGES = 20;
const APPEARS_WITHIN_MS = 5_000;
/** Longer than either side collects news before it tells them, so that each change is told alone. */
const BETWEEN_MS = 700;
const SAME_PROCESS_MS = 5;
const OTHER_PROCESS_MS = 50;

/** From the OK of a STORE until another session in IDLE is told of it, milliseconds: 0 where that is told first. */
export async function idleNews(scenes: Scenes, context: BenchContext): Promise<Figure> {
  const ours = await delayOf(scenes.ours.side, context);
  const theirs = await delayOf(scenes.dovecot.side, context);
  return {
    ...promised({ what: 'change → IDLE, same process', value: ours, unit: 'ms', atMost: SAME_PROCESS_MS }),
    compared: { unit: 'ms', ours, theirs },
  };
}

/** The same from one imapd process to another: a cluster of its own, with two. */
export async function idleNewsOfAnother(context: BenchContext): Promise<Figure> {
  const ours = await startOurs('two-processes.yaml', context);
  try {
    const delay = await delayOf(ours, context);
    return {
      ...promised({ what: 'change → IDLE, another process', value: delay, unit: 'ms', atMost: OTHER_PROCESS_MS }),
      compared: { unit: 'ms', ours: delay, theirs: null },
    };
  } finally {
    await ours.stop();
  }
}

/** Connections are handed to the processes in turn: the second one meets another where there are two. */
async function delayOf(side: Side, { signal }: BenchContext): Promise<number> {
  const user = crowd[0] ?? '';
  const writer = await signIn(side.plain, user);
  const idler = await signIn(side.plain, user);
  try {
    await writer.appendAll('INBOX', [Buffer.from('Subject: to be changed\r\n\r\n.\r\n')]);
    for (const client of [writer, idler]) await client.command('SELECT INBOX');
    const { done } = await idler.idle();
    const delays: number[] = [];
    for (let i = 0; i < CHANGES; i++) {
      await pause(BETWEEN_MS, signal);
      signal.throwIfAborted();
      const told = idler.told().then(() => performance.now());
      await writer.command(`STORE 1 ${i % 2 === 0 ? '+' : '-'}FLAGS.SILENT (\\Flagged)`);
      const answered = performance.now();
      const limit = pause(APPEARS_WITHIN_MS, signal).then(() => Number.POSITIVE_INFINITY);
      delays.push(Math.max(0, (await Promise.race([told, limit])) - answered));
    }
    await done();
    return quantile(delays, 0.5);
  } finally {
    for (const client of [writer, idler]) client.close();
  }
}
