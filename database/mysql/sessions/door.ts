import { type RoleName, roles } from '../../roles.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import type { Flavour } from '../flavour.ts';
import { changeAccounts } from './change-accounts.ts';
import { rowsOf } from './rows-of.ts';

/** Roles that are let in at the one time and not at the other. The agent's own always is. */
export type DoorRole = Exclude<RoleName, typeof roles.admin>;

export const doorRoles: readonly DoorRole[] = [roles.replication, roles.mail, roles.salvage];

/** Where accounts come from: every one is made for any host, and only for that. */
export const account = (role: RoleName): string => `'${role}'@'%'`;

type Row = { readonly role: DoorRole; readonly locked: number };

const LOCKED: Readonly<Record<Flavour, string>> = {
  mariadb: `SELECT user AS role, COALESCE(JSON_VALUE(priv, '$.account_locked'), '') IN ('1', 'true') AS locked
FROM mysql.global_priv WHERE host = '%' AND user IN (?)`,
  mysql: "SELECT user AS role, account_locked = 'Y' AS locked FROM mysql.user WHERE host = '%' AND user IN (?)",
};

/**
 * Lets in these roles and refuses the others; returns once that is in force for whoever comes from now on. Sessions that
 * are there stay (mail-sessions.ts). It works while COMMITs wait for a replica, and is in no binary log: each server has its own
 * door, and one that took a number for it would have diverged.
 *
 * A lock outlives a crash of the server. Roles that are not there yet are passed over.
 */
export async function setDoor(connection: MysqlConnection, letIn: readonly DoorRole[]): Promise<void> {
  const { flavour } = connection;
  const found = await rowsOf<Row>(connection, { name: 'door', text: LOCKED[flavour], values: [doorRoles] });
  const wrong = found.filter(({ role, locked }) => (locked === 1) === letIn.includes(role));
  if (wrong.length === 0) return;
  const turns = wrong.map(
    ({ role }): Statement => ({
      name: 'door-turn',
      text: `ALTER USER ${account(role)} ACCOUNT ${letIn.includes(role) ? 'UNLOCK' : 'LOCK'}`,
    }),
  );
  await changeAccounts(connection, turns);
}
