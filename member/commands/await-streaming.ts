import { Impossible } from '#database/impossible.ts';
import { poll } from '#runtime/poll.ts';
import type { CommandContext } from './command-context.ts';

const POLL_MS = 10;
const LIMIT_MS = 8000;

/**
 * Waits until the replica receives from its upstream.
 * @throws Impossible `Diverged` or `LogRemoved` where its log tells that it never will
 */
export async function awaitStreaming({ member, signal }: CommandContext): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const isAttached = member.engine.attachment();
  await poll(POLL_MS, limit, async () => {
    const { rebuild, state } = member.condition.current;
    if (rebuild !== null) throw new Impossible(rebuild, lastWords(member.server.lastLog));
    if (state !== 'running') throw new Error(`the server is ${state}: ${lastWords(member.server.lastLog)}`);
    const observation = await member.engine.observe(limit);
    if (observation.rebuild) throw new Impossible(observation.rebuild, lastWords(member.server.lastLog));
    return isAttached(observation) ? true : null;
  });
}

const lastWords = (log: readonly string[]): string => log.slice(-3).join('\n');
