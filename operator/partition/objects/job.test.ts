import { expect, test } from 'vitest';
import { memberName, partitionName } from '#contract/names.ts';
import { podDefaults } from '../../cluster/test-support/imapd-input.ts';
import type { Job } from '../../ports.ts';
import { type JobInput, jobName, jobObject } from './job.ts';
import { testPartition } from './test-support/member-input.ts';

const at = (name: string) => ({ member: memberName(name), endpoint: { host: '10.0.0.7', port: 5432 } });
const migrate: Job = {
  kind: 'migrate',
  partition: partitionName('users-a'),
  database: 'imap',
  epoch: 3,
  writer: at('users-a-0'),
};
const salvage: Job = { ...migrate, kind: 'salvage', from: { ...at('users-a-1'), lastEpoch: 2 } };
const input = (job: Job = migrate, change: Partial<JobInput> = {}): JobInput => ({
  partition: testPartition(),
  job,
  image: 'registry.example/imapd:1',
  pods: podDefaults,
  ...change,
});
const podOf = (job: Job) => jobObject(input(job)).spec!.template;

test('the name follows from what is done, where, and in which image', () => {
  const name = jobName(input());
  expect(name).toMatch(/^users-a-migrate-[0-9a-f]{16}$/);
  expect(jobName(input({ ...migrate }))).toBe(name);
  const others = [
    jobName(input({ ...migrate, epoch: 4 })),
    jobName(input({ ...migrate, writer: at('users-a-1') })),
    jobName(input(salvage)),
    jobName(input({ ...salvage, from: { ...at('users-a-1'), lastEpoch: 1 } })),
    jobName(input(migrate, { image: 'registry.example/imapd:2' })),
  ];
  expect(new Set([name, ...others]).size).toBe(6);
});

test('the name of a long partition is one that a Job may have', () => {
  const partition = testPartition({}, 'p'.repeat(63));
  expect(jobName(input(migrate, { partition })).length).toBeLessThanOrEqual(63);
});

test('it runs once, is owned by its partition, and may do nothing with the API server', () => {
  const { metadata, spec } = jobObject(input());
  expect(metadata.ownerReferences).toMatchObject([{ kind: 'MailboxPartition', name: 'users-a' }]);
  expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 21_600, ttlSecondsAfterFinished: 3_600 });
  expect(spec!.template.spec).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false });
});

test('databases let in its pod by its labels', () => {
  expect(podOf(migrate).metadata!.labels).toMatchObject({
    'app.kubernetes.io/component': 'job',
    'imapcluster.io/cluster': 'mail',
    'imapcluster.io/partition': 'users-a',
  });
});

test('it is shown the passwords that it needs, and no others', () => {
  const shown = (job: Job) =>
    podOf(job)
      .spec!.volumes!.find(({ name }) => name === 'credentials')!
      .secret!.items!.map(({ key }) => key);
  expect(shown(migrate)).toEqual(['mail.json']);
  expect(shown(salvage)).toEqual(['mail.json', 'salvage.json']);
});

test('its result goes to where the kubelet looks for it', () => {
  const [container] = podOf(salvage).spec!.containers;
  expect(container!.command!.at(-1)).toBe('salvage');
  expect(container!.args).toEqual([
    '--config',
    '/etc/imapcluster/configuration/job.json',
    '--result',
    container!.terminationMessagePath,
  ]);
});
