import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { holdsPosition } from '#database/position.ts';
import { NOBODY } from './detached.ts';
import type { MysqlFacts } from './looks/facts.ts';
import type { MysqlLook } from './looks/look.ts';
import { writeNote } from './server-note.ts';

/** In place of a life: all that it had received was applied, and it follows nobody. */
const DRAINED = 'drained';

/**
 * Whether a server may lack what it has acknowledged. MariaDB throws away, when it is started, what it has received and not applied: so
 * it has all only in a life in which it was level with its upstream, as is noted on the server itself.
 */
export const mayLackAcknowledged = ({ flavour, upstream, life, level }: LevelFacts): boolean =>
  flavour === 'mariadb' && upstream !== null && level !== life && !(level === DRAINED && upstream.user === NOBODY.user);

type LevelFacts = Pick<MysqlFacts, 'flavour' | 'life' | 'level'> & {
  readonly upstream: { readonly user: string } | null;
};

/**
 * Whether one that may lack something has come to an `end` of its upstream's log that was read after `since`: in the same life. Who is
 * sent anything stands in one history with its upstream.
 */
export const isLevelSince = (since: MysqlFacts, { facts, observation }: MysqlLook, end: string): boolean =>
  mayLackAcknowledged(facts) &&
  facts.life === since.life &&
  observation.replication.upstream?.streaming === true &&
  holdsPosition(observation.replication.received, end);

/** It has come to where its upstream was in this life of it. */
export const noteLevel = (connection: MysqlConnection, life: string): Promise<void> =>
  writeNote(connection, 'level', life);

/** Before it follows nobody: where it lacks nothing by then that holds over its next starts. */
export async function noteDrained(connection: MysqlConnection, facts: MysqlFacts): Promise<void> {
  if (facts.flavour === 'mariadb' && !mayLackAcknowledged(facts)) await noteLevel(connection, DRAINED);
}

/** Before it receives again: it has all in this life alone. */
export async function noteReceiving(connection: MysqlConnection, facts: MysqlFacts): Promise<void> {
  if (facts.level === DRAINED) await noteLevel(connection, mayLackAcknowledged(facts) ? '' : facts.life);
}
