import type { DoorRole } from '#database/mysql/sessions/door.ts';
import { roles } from '#database/roles.ts';
import type { Access } from '../../engine.ts';

/** Whom each access lets in, beside the agent. */
export const letIn: Readonly<Record<Access, readonly DoorRole[]>> = {
  closed: [roles.replication, roles.salvage],
  reading: [roles.replication, roles.salvage, roles.mail],
  serving: [roles.replication, roles.salvage, roles.mail],
  salvage: [roles.salvage],
};
