import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { memberName, partitionName } from '#contract/names.ts';
import { JobConfiguration, SalvageConfiguration } from '#imapd/jobs/job-configuration.ts';
import { podDefaults } from '#operator/cluster/test-support/imapd-input.ts';
import { jobConfiguration } from '#operator/partition/objects/job-configuration.ts';
import { testPartition } from '#operator/partition/objects/test-support/member-input.ts';
import type { Job } from '#operator/ports.ts';

/** What the operator writes for jobs is what they read. The test stands here, because the operator knows no job. */
const at = (name: string) => ({ member: memberName(name), endpoint: { host: '10.0.0.7', port: 5432 } });
const common = { partition: partitionName('users-a'), database: 'imap', epoch: 3, writer: at('users-a-0') };

const read = (schema: typeof JobConfiguration | typeof SalvageConfiguration, job: Job) => {
  const file: unknown = JSON.parse(JSON.stringify(jobConfiguration(testPartition(), job, podDefaults)));
  return Value.Parse(schema, Value.Default(schema, file));
};

test('a migration', () => {
  expect(read(JobConfiguration, { kind: 'migrate', ...common })).toMatchObject({
    cluster: 'mail',
    engine: 'postgresql',
    runAs: null,
  });
});

test('a migration of another engine', () => {
  const partition = testPartition();
  partition.spec.repository.engine = 'mariadb';
  const file: unknown = jobConfiguration(partition, { kind: 'migrate', ...common }, podDefaults);
  expect(Value.Parse(JobConfiguration, Value.Default(JobConfiguration, file))).toMatchObject({ engine: 'mariadb' });
});

test.each([
  ['Verify', { ca: 'PEM' }],
  ['Disabled', undefined],
] as const)('a job with servers of tls.mode %s', (mode, expected) => {
  const partition = testPartition();
  partition.spec.repository.tls = { mode, ca: 'PEM' };
  const file: unknown = jobConfiguration(partition, { kind: 'migrate', ...common }, podDefaults);
  expect(Value.Parse(JobConfiguration, Value.Default(JobConfiguration, file)).tls).toEqual(expected);
});

test('a salvage', () => {
  const from = { ...at('users-a-1'), lastEpoch: 2 };
  expect(read(SalvageConfiguration, { kind: 'salvage', ...common, from })).toMatchObject({ epoch: 3, from });
});
