import { Value } from 'typebox/value';
import { API_VERSION } from '#crds/group.ts';
import { MailboxPartition } from '#crds/mailbox-partition.ts';
import { podDefaults } from '../../../cluster/test-support/imapd-input.ts';
import { stockImage } from '../database-image.ts';
import type { MemberInput } from '../member-input.ts';

/** A managed partition as the API server gives it. `managed` is what a person has written. */
export function testPartition(managed: object | null = {}, name = 'users-a'): MailboxPartition {
  const repository = managed === null ? { members: [{ name: 'pg-0', host: 'pg-0.example' }] } : { managed };
  const written = {
    apiVersion: API_VERSION,
    kind: 'MailboxPartition',
    metadata: { name, namespace: 'post', uid: '77aa' },
    spec: { clusterRef: { name: 'mail' }, repository: { engine: 'postgresql', ...structuredClone(repository) } },
  };
  return Value.Parse(MailboxPartition, Value.Default(MailboxPartition, written));
}

export const memberInput = (managed: object = {}, change: Partial<MemberInput> = {}): MemberInput => ({
  partition: testPartition(managed),
  database: stockImage('postgresql', 'postgres:18', 18),
  agentImage: 'registry.example/member:1',
  pods: podDefaults,
  operatorKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }],
  agentToken: 'a-token-of-some-length',
  ...change,
});
