import { setDoor } from '#database/mysql/sessions/door.ts';
import { writeBarrier } from '#database/mysql/sessions/durable-write.ts';
import { letAllWrite } from '#database/mysql/sessions/read-only.ts';
import { roles } from '#database/roles.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';
import { letAdministratorWrite } from '../let-administrator-write.ts';
import { remindOfSet } from '../server-note.ts';
import { applySettings, closeAtStart, WATCHFUL } from '../settings.ts';

/**
 * Opens the primary to writing. First it is told again for whom its commits wait, which it forgets when it is started; then comes a
 * barrier: what a server shows after a start may be on no replica. Without the acknowledgement of its synchronous set it
 * stays shut.
 */
export const grant: MysqlHandler<'grant'> = async (_, context) => {
  const { sessions, signal, vouch } = context;
  const { facts } = await requireRole(context, 'primary');
  const { noted, flavour } = facts;
  await sessions.change(signal, async (pair) => {
    await applySettings(pair.watcher, WATCHFUL[flavour]);
    await closeAtStart(pair.watcher);
    await letAdministratorWrite(pair, facts);
    await remindOfSet(pair.watcher, noted);
  });
  await sessions.durably(signal, noted, writeBarrier);
  await sessions.change(signal, async ({ watcher }) => {
    await letAllWrite(watcher);
    await setDoor(watcher, [roles.replication, roles.salvage, roles.mail]);
  });
  vouch(facts.life);
  return await positions(context);
};
