import { selectEpoch } from '#database/postgres/repository-epoch.ts';
import { WrongEpoch } from '../store/direct-access.ts';
import { migrate } from '../store/postgres/migrations/migrate.ts';
import { connectTo } from './connect.ts';
import { JobConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';

/** `node imapd/jobs/migrate.ts --config FILE`: brings the mail schema of a granted primary up to date. */
await runJob({ name: 'migrate', schema: JobConfiguration }, async ({ configuration, log }) => {
  const { writer, database, credentialsFile, epoch, runAs } = configuration;
  const [pool] = await connectTo([{ endpoint: writer.endpoint, database, credentialsFile }], runAs);
  if (pool === undefined) throw new Error('no pool');
  const client = await pool.connect();
  try {
    const found = (await client.query<{ epoch: number | null }>(selectEpoch)).rows[0]?.epoch;
    if (found !== epoch) throw new WrongEpoch(`${writer.member} is at epoch ${found ?? 'none'}, not ${epoch}`);
    const result = await migrate(client);
    log.debug({ ...result }, 'schema is up to date');
    return { result };
  } finally {
    client.release();
    await pool.end();
  }
});
