import Table from 'cli-table3';
import type { Difference } from '../store/verify.ts';
import { credentialsAt, readCredentials } from './credentials.ts';
import { engines } from './engines.ts';
import { JobConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';

/**
 * `node imapd/jobs/verify.ts --config FILE`: checks counters, tombstones and hashes of a repository; exit code 1 and a
 * table where something is not as it must be. Reads only; any member will do as `writer`.
 */
await runJob({ name: 'verify', schema: JobConfiguration }, async ({ configuration, log }) => {
  const { writer, database, credentialsFile, runAs, engine, tls } = configuration;
  const credentials = await readCredentials([credentialsFile], runAs);
  const member = await engines[engine]({ endpoint: writer.endpoint, database, tls }, credentialsAt(credentials, 0));
  try {
    const differences = await member.verify((check) => log.debug({ check }, 'checking'));
    const result = { differences: differences.length };
    return differences.length === 0 ? { result } : { result, report: tableOf(differences), failed: true };
  } finally {
    await member.end();
  }
});

function tableOf(differences: readonly Difference[]): string {
  const table = new Table({ head: ['check', 'where', 'found', 'expected'] });
  for (const { check, where, found, expected } of differences) table.push([check, where, found, expected]);
  return table.toString();
}
