import { memberName } from '#contract/names.ts';
import { keepSlots } from '#database/postgres/replication/slots.ts';
import type { PostgresHandler } from '../sql-context.ts';

const MEBIBYTE = 1024 * 1024;

/** Slots are made now, on replicas too (they are not replicated), and moved along by the monitor afterwards. */
export const keepFor: PostgresHandler<'keepFor'> = async ({ members, retainBytes }, { server, signal, keep }) => {
  await server.configure({ max_slot_wal_keep_size: `${Math.ceil(retainBytes / MEBIBYTE)}MB` }, signal);
  await server.use(signal, (admin) => keepSlots(admin, { members, received: new Map(), exactly: true }));
  keep(members.map(memberName));
  return {};
};
