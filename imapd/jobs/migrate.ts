import { WrongEpoch } from '../store/direct-access.ts';
import { credentialsAt, readCredentials } from './credentials.ts';
import { engines } from './engines.ts';
import { JobConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';

/** `node imapd/jobs/migrate.ts --config FILE`: brings the mail schema of a granted primary up to date. */
await runJob({ name: 'migrate', schema: JobConfiguration }, async ({ configuration, log }) => {
  const { writer, database, credentialsFile, epoch, runAs, engine, tls } = configuration;
  const credentials = await readCredentials([credentialsFile], runAs);
  const member = await engines[engine]({ endpoint: writer.endpoint, database, tls }, credentialsAt(credentials, 0));
  try {
    const found = await member.epoch();
    if (found !== epoch) throw new WrongEpoch(`${writer.member} is at epoch ${found ?? 'none'}, not ${epoch}`);
    const result = await member.migrate();
    log.debug({ ...result }, 'schema is up to date');
    return { result };
  } finally {
    await member.end();
  }
});
