import { roles } from '#database/roles.ts';
import type { Access } from '../../engine.ts';

const METHOD = 'scram-sha-256';

/**
 * Contents of `pg_hba.conf`: the fence. A role that no line lets in is refused. The agent itself comes over the local
 * socket, and over TCP from this host: its probe must take the way that imapd takes.
 */
export function hostBasedAccess(access: Access, database: string): string {
  const base = quote(database);
  const lines = [`local all ${roles.admin} ${METHOD}`, `host all ${roles.admin} samehost ${METHOD}`];
  lines.push(`host ${base} ${roles.salvage} all ${METHOD}`);
  if (access !== 'salvage') {
    lines.push(`host replication ${roles.replication} all ${METHOD}`);
    // pg_rewind reads the files of its source over an ordinary connection.
    lines.push(`host postgres ${roles.replication} all ${METHOD}`);
  }
  const mail = access === 'reading' || access === 'serving' ? METHOD : 'reject';
  lines.push(`host ${base} ${roles.mail} all ${mail}`);
  return `${lines.join('\n')}\n`;
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
