import { epoch, partitionName } from '#contract/names.ts';
import { DirectAccess } from '../store/direct-access.ts';
import { directEngine } from '../store/postgres/direct-engine.ts';
import { salvage } from '../store/postgres/salvage/salvage.ts';
import { connectTo } from './connect.ts';
import { SalvageConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';

/**
 * `node imapd/jobs/salvage.ts --config FILE`: brings to the primary what only an old primary has. Prints what it did; run
 * again, it finds nothing left to do.
 */
await runJob({ name: 'salvage', schema: SalvageConfiguration }, async ({ configuration, log, signal }) => {
  const { writer, from, database, credentialsFile, salvageCredentialsFile, runAs, partition } = configuration;
  const [target, source] = await connectTo(
    [
      { endpoint: writer.endpoint, database, credentialsFile },
      { endpoint: from.endpoint, database, credentialsFile: salvageCredentialsFile },
    ],
    runAs,
  );
  if (target === undefined || source === undefined) throw new Error('no pools');
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
