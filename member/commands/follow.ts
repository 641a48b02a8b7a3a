import { Impossible } from '#database/impossible.ts';
import type { DataState } from '../engine.ts';
import type { Upstream } from '../memory/memory.ts';
import { awaitStreaming } from './await-streaming.ts';
import {
  type CommandAnswer,
  type CommandContext,
  type CommandHandler,
  type CommandOf,
  positions,
  positionsIn,
} from './command-context.ts';

/**
 * Attaches to an upstream. Where the upstream does not answer the settings are changed all the same, so that the member
 * attaches by itself later; where the two logs differ nothing is changed.
 */
export const follow: CommandHandler<'follow'> = async (command, context) => {
  const { member, signal } = context;
  const { engine, memory, server } = member;
  const data = memory.current.incomplete ? 'empty' : await engine.inspect();
  if (data === 'empty') throw new Impossible('NoData', 'there is no data: clone first');
  const running = member.condition.current.state === 'running';
  const comparison = await engine.compare(command.upstream, running, signal);
  if (comparison === 'diverged') {
    const errant = engine.errant();
    await memory.update({ errant });
    throw leftBehind(command.upstream, errant);
  }
  await memory.update({ upstream: command.upstream, detached: false, staysStopped: false });
  if (data === 'replica' && running) {
    // Of what it was told last, and not only written down.
    const isReceiving = !server.isBehind && (await engine.observe(signal)).replication.upstream?.streaming === true;
    const asBefore = isReceiving && member.condition.current.access === 'reading';
    member.condition.change({ rebuild: null, access: 'reading', fence: null });
    if (!asBefore) await server.apply('reading', signal);
  } else {
    await startAsReplica(context, data);
  }
  return comparison === 'silent' ? await positions(member, signal) : await attach(command, context, data);
};

/** A running primary is not stopped in order: the checkpoint of an orderly stop would be a record nobody else has. */
async function startAsReplica({ member, signal }: CommandContext, data: DataState): Promise<void> {
  if (data === 'primary') {
    await member.server.stop('immediate');
    await member.memory.update({ unproven: true });
  }
  await member.engine.turnInto('replica');
  await member.server.start({ signal });
}

/** Only starting it tells where the log of a crashed primary ends; one that turns out to differ is left as it was. */
async function attach(
  { upstream }: CommandOf<'follow'>,
  context: CommandContext,
  before: DataState,
): Promise<CommandAnswer> {
  const { engine, memory, server } = context.member;
  try {
    const replication = await awaitStreaming(context);
    await memory.update({ unproven: false, errant: null });
    return positionsIn(replication);
  } catch (error) {
    if (!isParted(error)) throw error;
    const errant = engine.errant();
    await memory.update({ errant });
    if (before === 'primary') {
      await memory.update({ staysStopped: true, upstream: null });
      await server.stop('immediate');
      await engine.turnInto('primary');
      await memory.update({ unproven: false });
    }
    throw errant === null ? error : leftBehind(upstream, errant);
  }
}

function leftBehind({ member }: Upstream, errant: string | null): Impossible {
  const left = `the log of ${member} left ours behind`;
  return new Impossible('Diverged', errant === null ? left : `${left}, which alone has ${errant}`);
}

/** Not a command that was given up: that may have begun to follow, and says nothing of the two logs. */
const isParted = (error: unknown): boolean =>
  error instanceof Impossible && (error.code === 'Diverged' || error.code === 'LogRemoved');
