import Table from 'cli-table3';
import { verify } from '../store/postgres/verify.ts';
import type { Difference } from '../store/verify.ts';
import { connectTo } from './connect.ts';
import { JobConfiguration } from './job-configuration.ts';
import { runJob } from './run-job.ts';

/**
 * `node imapd/jobs/verify.ts --config FILE`: checks counters, tombstones and hashes of a repository; exit code 1 and a
 * table where something is not as it must be. Reads only; any member will do as `writer`.
 */
await runJob({ name: 'verify', schema: JobConfiguration }, async ({ configuration, log }) => {
  const { writer, database, credentialsFile, runAs } = configuration;
  const [pool] = await connectTo([{ endpoint: writer.endpoint, database, credentialsFile }], runAs);
  if (pool === undefined) throw new Error('no pool');
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const differences = await verify(client, (check) => log.debug({ check }, 'checking'));
    await client.query('COMMIT');
    const result = { differences: differences.length };
    return differences.length === 0 ? { result } : { result, report: tableOf(differences), failed: true };
  } finally {
    client.release();
    await pool.end();
  }
});

function tableOf(differences: readonly Difference[]): string {
  const table = new Table({ head: ['check', 'where', 'found', 'expected'] });
  for (const { check, where, found, expected } of differences) table.push([check, where, found, expected]);
  return table.toString();
}
