import { epoch, partitionName } from '#contract/names.ts';
import { credentialsAt, readCredentials } from './credentials.ts';
import { SalvageConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';
import { salvageBetween } from './salvage-between.ts';

/**
 * `node imapd/jobs/salvage.ts --config FILE`: brings to the primary what only an old primary has. Prints what it did; run
 * again, it finds nothing left to do.
 */
await runJob({ name: 'salvage', schema: SalvageConfiguration }, async ({ configuration, log, signal }) => {
  const { writer, from, database, credentialsFile, salvageCredentialsFile, runAs, engine, tls } = configuration;
  const credentials = await readCredentials([credentialsFile, salvageCredentialsFile], runAs);
  const result = await salvageBetween[engine]({
    from: { place: { endpoint: from.endpoint, database, tls }, credentials: credentialsAt(credentials, 1) },
    into: { place: { endpoint: writer.endpoint, database, tls }, credentials: credentialsAt(credentials, 0) },
    partition: partitionName(configuration.partition),
    epoch: epoch(configuration.epoch),
    member: from.member,
    lastEpoch: from.lastEpoch,
    attempt: { signal },
    log,
  });
  return { result };
});
