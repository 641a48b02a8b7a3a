import type { SqlContext } from '../sql-context.ts';

/**
 * Returns when no commit is acknowledged any more without the synchronous set in force: it is the checkpointer that tells
 * commits to wait, and it turns to its settings before it turns to a new request. pg_rewind, too, reads the timeline off the
 * control file, which a checkpoint writes.
 */
export async function settle({ server, signal }: SqlContext): Promise<void> {
  await server.use(signal, async (admin) => {
    await admin.query('CHECKPOINT');
  });
}
