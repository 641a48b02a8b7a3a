import { poll } from '#runtime/poll.ts';
import { Impossible } from '../../impossible.ts';
import { holdsPosition } from '../../position.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { standingOf } from './positions.ts';
import { rebuildFor } from './verdict.ts';
import { wordsOf } from './words.ts';

const POLL_MS = 5;

/**
 * Waits until everything received is applied; an applier that stands still is started. What is received and not applied does not
 * outlive a start of MariaDB's replication with both halves stopped, nor one of the server, though it may have been
 * acknowledged: so nothing else is done to a replication before this.
 *
 * @returns the position applied
 * @throws Impossible `Diverged` where the applier cannot go on
 */
export async function awaitApplied(connection: MysqlConnection, signal: AbortSignal): Promise<string> {
  return await poll(POLL_MS, signal, async () => {
    const { status, applied, received } = await standingOf(connection);
    if (status === null || holdsPosition(applied, received)) return applied;
    if (status.isApplying) return null;
    const failure = status.applierFailure;
    if (failure !== null && rebuildFor(failure) !== null) throw new Impossible('Diverged', failure.message);
    const { replica } = wordsOf[connection.flavour];
    await connection.batch([{ name: 'start-applier', text: `START ${replica} SQL_THREAD` }]);
    return null;
  });
}
