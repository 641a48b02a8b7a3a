import type { CopiedBy } from '#contract/agent-report.ts';
import { Impossible } from '#database/impossible.ts';
import { awaitStreaming } from './await-streaming.ts';
import { type CommandContext, type CommandHandler, type CommandOf, positions } from './command-context.ts';

/**
 * Copies another member. Data that is replaced is removed first: a volume need not hold two copies. It may be the last but one: who
 * cannot be copied is refused before.
 */
export const clone: CommandHandler<'clone'> = async (command, context) => {
  const { member, signal } = context;
  if (await isDone(command, context)) return await positions(member, signal);
  const { engine, memory, condition, server } = member;
  const empty = memory.current.incomplete || (await engine.inspect()) === 'empty';
  if (!empty && !command.wipe) throw new Impossible('DataExists', 'there is data; clone with wipe to replace it');
  const origin = { upstream: command.from, source: command.source ?? null, agentUrl: command.agentUrl ?? null };
  if (!empty) await engine.requireDonor?.(origin, signal);
  await server.stop('kill');
  await memory.update({ incomplete: true, errant: null });
  condition.change({ state: 'working', activity: { name: 'cloning', progress: null }, fence: null, rebuild: null });
  let copiedBy: CopiedBy;
  try {
    await engine.removeData();
    copiedBy = await engine.copyFrom(
      origin,
      (name, progress) => condition.change({ activity: { name, progress } }),
      signal,
    );
  } catch (error) {
    condition.change({ state: 'empty', activity: null });
    throw error;
  }
  await memory.update({
    incomplete: false,
    copiedBy,
    staysStopped: false,
    upstream: command.from,
    detached: false,
    unproven: false,
    synchronous: { required: 0, members: [] },
  });
  condition.change({ activity: null });
  // Again: a `keepFor` during the copy may not have known us.
  await engine.reserve(command.from, signal);
  await server.start({ signal });
  await awaitStreaming(context);
  return await positions(member, signal);
};

const ANSWER_MS = 3000;

/**
 * A replica that streams from there already needs no copy, even where `wipe` would allow one. Not one that cannot apply what it
 * receives: of MariaDB and MySQL that goes on receiving.
 */
async function isDone(command: CommandOf<'clone'>, { member, signal }: CommandContext): Promise<boolean> {
  if (member.condition.current.state !== 'running') return false;
  // A copy may take for ever; a server that does not say how far it is must not.
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const observation = await member.engine.observe(limit).catch((error: Error) => {
    if (!limit.aborted || signal.aborted) throw error;
    return null;
  });
  if (observation === null || (observation.rebuild ?? null) !== null) return false;
  const { upstream } = observation.replication;
  return upstream?.streaming === true && upstream.member === command.from.member;
}
