import { Impossible } from '#database/impossible.ts';
import type { Observation } from '#database/observation.ts';
import { poll } from '#runtime/poll.ts';
import type { CommandContext } from './command-context.ts';

const POLL_MS = 10;
const LIMIT_MS = 8000;

/**
 * Waits until the replica receives from its upstream.
 * @returns where it was then
 * @throws Impossible `Diverged` or `LogRemoved` where its log tells that it never will
 */
export async function awaitStreaming({ member, signal }: CommandContext): Promise<Observation['replication']> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  const isAttached = member.engine.attachment();
  return await poll(POLL_MS, limit, async () => {
    const { rebuild, state } = member.condition.current;
    if (rebuild !== null) throw new Impossible(rebuild, lastWords(member.server.lastLog));
    if (state !== 'running') throw new Error(`the server is ${state}: ${lastWords(member.server.lastLog)}`);
    const observation = await member.engine.observe(limit);
    if (observation.rebuild) throw new Impossible(observation.rebuild, lastWords(member.server.lastLog));
    return isAttached(observation) ? observation.replication : null;
  });
}

const lastWords = (log: readonly string[]): string => log.slice(-3).join('\n');
