import { makeReadOnly } from '#database/mysql/sessions/read-only.ts';
import { positions } from '../../carry-out.ts';
import { requireEpoch } from '../../require-role.ts';
import { SqlTrouble } from '../../sql-trouble.ts';
import type { MysqlContext, MysqlHandler } from '../context.ts';
import { closeAtStart } from '../settings.ts';
import { COMMIT_WAITS, shut } from '../shut.ts';

/** Mail is shut out, as far as that goes without an agent. */
export const fence: MysqlHandler<'fence'> = async (_, context) => {
  await close(context);
  return await positions(context);
};

/** The role of salvage is let in on a fenced server too. What waits in COMMIT would not show to it. */
export const openForSalvage: MysqlHandler<'openForSalvage'> = async (_, context) => {
  if ((await close(context)) === 'commitWaiting') throw new SqlTrouble(COMMIT_WAITS);
  return await positions(context);
};

async function close(context: MysqlContext): Promise<'ended' | 'commitWaiting'> {
  const { sessions, signal } = context;
  const { observation } = await requireEpoch(context);
  return await sessions.change(signal, async (pair) => {
    await closeAtStart(pair.watcher);
    const outcome = await shut(pair, signal);
    if (observation.replication.role === 'replica') await makeReadOnly(pair, { writers: 'nobody' });
    return outcome;
  });
}
