import { Impossible } from '#database/impossible.ts';
import { awaitStreaming } from './await-streaming.ts';
import { type CommandHandler, positions } from './command-context.ts';

/** Undoes what the upstream does not have. A rewind that is cut short leaves nothing usable: the data counts as incomplete. */
export const rewind: CommandHandler<'rewind'> = async (command, context) => {
  const { member, signal } = context;
  const { engine, memory, condition, server } = member;
  if (memory.current.incomplete || (await engine.inspect()) === 'empty') {
    throw new Impossible('NoData', 'there is no data: clone instead');
  }
  const done = memory.current.upstream?.member === command.from.member && condition.current.state === 'running';
  if (!done) {
    await server.stop('fast');
    condition.change({ state: 'working', activity: { name: 'rewinding', progress: null }, fence: null });
    try {
      // Given up while the server stopped: nothing is touched yet.
      signal.throwIfAborted();
      await memory.update({ incomplete: true });
      await engine.rewindOnto(command.from, signal);
    } catch (error) {
      // Refused before anything was touched: the data is what it was.
      if (error instanceof Impossible) await memory.update({ incomplete: false });
      condition.change({ state: memory.current.incomplete ? 'empty' : 'stopped', activity: null });
      throw error;
    }
    await memory.update({
      incomplete: false,
      staysStopped: false,
      upstream: command.from,
      detached: false,
      unproven: false,
      synchronous: { required: 0, members: [] },
    });
    await engine.reserve(command.from, signal);
    await server.start({ signal });
  }
  await awaitStreaming(context);
  return await positions(member, signal);
};
