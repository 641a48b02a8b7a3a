import { memberName, partitionName } from '#contract/names.ts';
import { clusterObjects } from '../../cluster/cluster-objects.ts';
import { credentialsSecret } from '../../cluster/credentials-secret.ts';
import { routingConfigMap } from '../../cluster/routing-config-map.ts';
import { imapdInput, podDefaults } from '../../cluster/test-support/imapd-input.ts';
import { partitionCredentialsSecret } from '../../partition/objects/credentials-secret.ts';
import { disruptionBudgets } from '../../partition/objects/disruption-budgets.ts';
import { jobObject } from '../../partition/objects/job.ts';
import { memberPod } from '../../partition/objects/member-pod.ts';
import { memberVolume } from '../../partition/objects/member-volume.ts';
import { partitionObjects } from '../../partition/objects/partition-objects.ts';
import { memberInput } from '../../partition/objects/test-support/member-input.ts';
import type { Job } from '../../ports.ts';

const input = imapdInput({
  tls: { secretName: 'mail-tls' },
  service: { type: 'LoadBalancer', annotations: { a: 'b' } },
});
const member = memberInput({ resources: { requests: { cpu: '1000m' }, limits: { memory: '1.5Gi' } } });
const name = memberName('users-a-0');
const passwords = { admin: 'admin-secret', replication: 'repl-secret', mail: 'mail-secret', salvage: 'salv-secret' };

const at = (member: string) => ({ member: memberName(member), endpoint: { host: '10.0.0.7', port: 5432 } });
const migrate: Job = {
  kind: 'migrate',
  ...{ partition: partitionName('users-a'), database: 'imap', epoch: 3, writer: at('users-a-0') },
};
const salvage: Job = { ...migrate, kind: 'salvage', from: { ...at('users-a-1'), lastEpoch: 2 } };

/** Each kind of object that the operator builds, once, of kinds that every API server has; all in the namespace "post". */
export const builtObjects = [
  ...clusterObjects(input),
  routingConfigMap(input.cluster, 'a.b.c'),
  credentialsSecret(input.cluster, new Map([['users-a', 'mail-secret']])),
  ...partitionObjects(member),
  ...disruptionBudgets(member.partition, { replicasMayGo: true, members: 3 }),
  partitionCredentialsSecret(member.partition, passwords),
  memberVolume(member, name),
  memberPod(member, name, 'primary'),
  ...[migrate, salvage].map((job) =>
    jobObject({ partition: member.partition, job, image: 'registry.example/imapd:1', pods: podDefaults }),
  ),
];
