import { poll } from '#runtime/poll.ts';
import { Impossible } from '../../impossible.ts';
import type { SynchronousSet } from '../../synchronous-set.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Answer } from '../connection/statement.ts';
import { semiSyncOf, showSemiSync } from '../replication/semi-sync.ts';
import { insertEpoch, lockEpochAlone, passBarrier, type Stamp, selectEpoch } from '../repository-epoch.ts';
import { rowsOf } from './rows-of.ts';

const POLL_MS = 3;
/** Behind the row of an earlier attempt that still waits for its replicas: do not queue up without end. Seconds. */
const LOCK_S = 3;

/** Waiting has no limit of its own: who no longer wants to wait lets the session go, and it waits on by itself. */
export type DurableWrite = {
  /** In the repository's schema. */
  readonly connection: MysqlConnection;
  readonly synchronous: Readonly<SynchronousSet>;
  readonly signal: AbortSignal;
};

/** Returns when all that was visible before is on the synchronous set. */
export async function writeBarrier(write: DurableWrite): Promise<void> {
  await poll(POLL_MS, write.signal, async () => {
    await begin(write);
    return (await commitDurably(write)) ? true : null;
  });
}

/** Inserts the row of an epoch. Repeated, it still waits until the synchronous set has it. */
export async function writeEpoch(write: DurableWrite, stamp: Stamp): Promise<void> {
  const { connection } = write;
  await begin(write);
  await connection.batch([lockEpochAlone]);
  const [row] = await rowsOf<{ readonly epoch: number | null }>(connection, selectEpoch);
  const newest = row?.epoch ?? 0;
  if (newest > stamp.epoch) {
    throw new Impossible('EpochPassed', `epoch ${newest} is stamped already, ${stamp.epoch} lies before it`);
  }
  await connection.batch([insertEpoch(connection.flavour, stamp)]);
  if (await commitDurably(write)) return;
  await writeBarrier(write);
}

async function begin({ connection }: DurableWrite): Promise<void> {
  await connection.batch([
    { name: 'lock-limit', text: `SET SESSION innodb_lock_wait_timeout = ${LOCK_S}` },
    { name: 'begin', text: 'START TRANSACTION' },
  ]);
}

/**
 * Servers answer OK to a COMMIT whose wait was broken off, without a warning. But they count those: so it is durable where
 * the count stood still meanwhile and commits were to wait. `false` where that is not so: a later one will tell for both.
 */
async function commitDurably({ connection, synchronous }: DurableWrite): Promise<boolean> {
  const { flavour, id } = connection;
  const look = showSemiSync(flavour);
  const answers = await connection.batch([...look, passBarrier(id), { name: 'commit', text: 'COMMIT' }, ...look]);
  if (synchronous.required === 0) return true;
  const said = (from: readonly Answer[]) =>
    semiSyncOf(
      from.flatMap(({ rows }) => rows),
      flavour,
    );
  const before = said(answers.slice(0, look.length));
  const after = said(answers.slice(-look.length));
  return (
    Math.min(before.required, after.required) >= synchronous.required && before.unacknowledged === after.unacknowledged
  );
}
