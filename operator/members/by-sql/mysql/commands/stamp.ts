import { writeEpoch } from '#database/mysql/sessions/durable-write.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';
import { letAdministratorWrite } from '../let-administrator-write.ts';
import { remindOfSet } from '../server-note.ts';

export const stamp: MysqlHandler<'stamp'> = async ({ epoch, uidGap }, context) => {
  const { sessions, signal, member } = context;
  const { facts } = await requireRole(context, 'primary');
  await sessions.change(signal, async (pair) => {
    await letAdministratorWrite(pair, facts);
    await remindOfSet(pair.watcher, facts.noted);
  });
  await sessions.durably(signal, facts.noted, (write) => writeEpoch(write, { epoch, uidGap, member }));
  return await positions(context);
};
