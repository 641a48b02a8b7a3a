import { epoch, partitionName } from '#contract/names.ts';
import { DirectAccess } from '../store/direct-access.ts';
import { directEngine } from '../store/postgres/direct-engine.ts';
import { salvage } from '../store/postgres/salvage/salvage.ts';
import { connectPostgres } from './connect-postgres.ts';
import { credentialsAt, readCredentials } from './credentials.ts';
import { SalvageConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';

/**
 * `node imapd/jobs/salvage.ts --config FILE`: brings to the primary what only an old primary has. Prints what it did; run
 * again, it finds nothing left to do.
 */
await runJob({ name: 'salvage', schema: SalvageConfiguration }, async ({ configuration, log, signal }) => {
  const { writer, from, database, credentialsFile, salvageCredentialsFile, runAs, partition, engine } = configuration;
  if (engine !== 'postgresql') throw new Error(`there is no salvage on ${engine} yet`);
  const credentials = await readCredentials([credentialsFile, salvageCredentialsFile], runAs);
  const [target, source] = await Promise.all([
    connectPostgres({ endpoint: writer.endpoint, database }, credentialsAt(credentials, 0)),
    connectPostgres({ endpoint: from.endpoint, database }, credentialsAt(credentials, 1)),
  ]);
  try {
    const place = { partition: partitionName(partition), epoch: epoch(configuration.epoch) };
    const access = new DirectAccess(directEngine(target), place);
    const { member, lastEpoch } = from;
    const result = await salvage({ source, target: access, member, lastEpoch, attempt: { signal }, log });
    return { result };
  } finally {
    await Promise.all([target.end(), source.end()]);
  }
});
