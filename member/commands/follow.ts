import { Impossible } from '#database/impossible.ts';
import type { DataState } from '../engine.ts';
import { awaitStreaming } from './await-streaming.ts';
import { type CommandContext, type CommandHandler, positions } from './command-context.ts';

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
    throw new Impossible('Diverged', `the log of ${command.upstream.member} left ours behind`);
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
  if (comparison !== 'silent') await attach(context, data);
  return await positions(member, signal);
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
async function attach(context: CommandContext, before: DataState): Promise<void> {
  const { member } = context;
  try {
    await awaitStreaming(context);
    await member.memory.update({ unproven: false });
  } catch (error) {
    if (before === 'primary' && isParted(error)) {
      await member.memory.update({ staysStopped: true, upstream: null });
      await member.server.stop('immediate');
      await member.engine.turnInto('primary');
      await member.memory.update({ unproven: false });
    }
    throw error;
  }
}

/** Not a command that was given up: that may have begun to follow, and says nothing of the two logs. */
const isParted = (error: unknown): boolean =>
  error instanceof Impossible && (error.code === 'Diverged' || error.code === 'LogRemoved');
