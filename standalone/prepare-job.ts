import { createHash } from 'node:crypto';
import { databaseTlsOf } from '#operator/partition/database-tls-of.ts';
import type { Job } from '#operator/ports.ts';
import type { Ingredients } from './write-configurations.ts';

/** Writes what a job needs to know, and says where. A job that is run again finds the same file. */
export async function prepareJob({ state, plan, runAs, logLevel }: Ingredients, job: Job): Promise<string> {
  const partition = plan.partitions.find(({ object }) => object.metadata.name === job.partition);
  if (partition === undefined) throw new RangeError(`there is no partition ${job.partition} to do a job for`);
  const { repository } = partition.object.spec;
  const tls = databaseTlsOf(repository);
  const common = {
    engine: repository.engine,
    ...(tls === undefined ? {} : { tls }),
    cluster: plan.cluster.metadata.name,
    partition: job.partition,
    database: job.database,
    epoch: job.epoch,
    writer: job.writer,
    credentialsFile: state.file('credentials', `${job.partition}.json`),
    runAs,
    logLevel,
  };
  const value =
    job.kind === 'migrate'
      ? common
      : {
          ...common,
          from: job.from,
          salvageCredentialsFile: state.file('salvage-credentials', `${job.partition}.json`),
        };
  const hash = createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 8);
  const name = `${job.kind}-${job.partition}-${hash}.json`;
  return await state.writeForChildren(`${JSON.stringify(value, null, 2)}\n`, 'config', name);
}
