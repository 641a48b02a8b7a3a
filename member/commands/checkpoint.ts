import { Impossible } from '#database/impossible.ts';
import { type CommandHandler, positions } from './command-context.ts';

/** Nothing depends on it: it lasts as long as the operator wants to wait, and no other command waits for it. */
export const checkpoint: CommandHandler<'checkpoint'> = async ({ after }, { member, signal, expiry }) => {
  const { state } = member.condition.current;
  if (state !== 'running') throw new Impossible('NotRunning', `the server is ${state}`);
  const limit = AbortSignal.any([signal, expiry]);
  await member.engine.checkpoint(after, limit);
  return await positions(member, limit);
};
