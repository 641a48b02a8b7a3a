import { isDeepStrictEqual } from 'node:util';
import type { V1Secret } from '@kubernetes/client-node';
import { partitionName } from '#contract/names.ts';
import { GROUP } from '#crds/group.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { newPassword } from '#database/new-password.ts';
import { partitionCredentialsSecret, type RolePasswords } from '../../partition/objects/credentials-secret.ts';
import { nextStageInMs } from '../../partition/objects/next-stage-in-ms.ts';
import { type KeptPasswords, replacePasswords } from '../../partition/objects/replace-passwords.ts';
import type { Clock, Events } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type Stored, secrets } from '../api/resource.ts';
import { MANAGED_BY, missingLabels } from '../apply/missing-labels.ts';
import { mustBeOurs } from '../apply/must-be-ours.ts';
import { readCredentialsSecret } from './read-credentials-secret.ts';

export type CredentialsPorts = {
  readonly client: ApiClient;
  readonly clock: Pick<Clock, 'now'>;
  readonly events: Events;
  /** What the kubelet may take to bring a changed Secret to a pod. */
  readonly graceMs: number;
  /** Every member is there and has all that the primary has. */
  readonly whole: boolean;
};

/** `againInMs`: until the next stage of a replacement; null: none is under way. */
export type EnsuredCredentials = { readonly passwords: RolePasswords; readonly againInMs: number | null };

/** On the MailboxPartition; any value that it has not had before asks for new passwords. */
export const ROTATE_CREDENTIALS_ANNOTATION = `${GROUP}/rotate-credentials`;

const ATTEMPTS = 5;

/**
 * The passwords of a partition's database roles. Made once, in a Secret that stays where the volumes stay; the database has
 * them from its first start on, so that others of the same partition would lock everybody out. They are replaced on
 * request only, stage by stage (`replacePasswords`).
 * @throws NameTaken where the name is another's; RangeError for a damaged Secret, with what to do; ApiError, network errors
 */
export async function ensurePartitionCredentials(
  { client, clock, events, graceMs, whole }: CredentialsPorts,
  partition: MailboxPartition,
): Promise<EnsuredCredentials> {
  const request = partition.metadata.annotations?.[ROTATE_CREDENTIALS_ANNOTATION] ?? null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // Fresh passwords need no replacement, whatever has been asked for.
    const made = secretOf(partition, { passwords: newPasswords(), request, since: null });
    const live = await client.get(secrets, made.metadata);
    if (live === null) {
      await client.create(secrets, made);
      continue;
    }
    const before = readOurs(live, made);
    const due = { request, now: clock.now(), graceMs, whole };
    const after = replacePasswords(before, { ...due, fresh: newPasswords });
    const { data = {}, metadata } = secretOf(partition, after);
    const { ownerReferences = [], labels: wanted = {} } = metadata;
    const missing = missingLabels(live.metadata.labels, wanted);
    const ensured = { passwords: after.passwords, againInMs: nextStageInMs(after, due) };
    const isOwned = live.metadata.ownerReferences?.[0]?.uid === ownerReferences[0]?.uid;
    if (isOwned && missing === null && isDeepStrictEqual(live.data, data)) return ensured;
    const labels = { ...live.metadata.labels, ...missing };
    const changed = { ...live, data, metadata: { ...live.metadata, labels, ownerReferences } };
    if (!(await client.replace(secrets, changed)).ok) continue;
    tell({ events, partition }, before, after);
    return ensured;
  }
  throw new Error(`somebody else changes the passwords of ${partition.metadata.name} all the time`);
}

/** Passwords of a partition are ours whatever labels they have; what holds none has to be ours by its label or owner to be a damaged one. */
function readOurs(live: Stored<V1Secret>, made: ReturnType<typeof secretOf>): KeptPasswords {
  const isLabelled = live.metadata.labels?.[MANAGED_BY] !== undefined;
  if (isLabelled) mustBeOurs(live, made);
  try {
    return readCredentialsSecret(live.data, `Secret ${made.metadata.namespace}/${made.metadata.name}`);
  } catch (error) {
    mustBeOurs(live, made);
    throw error;
  }
}

const secretOf = (partition: MailboxPartition, kept: KeptPasswords) =>
  partitionCredentialsSecret(partition, kept.passwords, kept);

function tell(
  { events, partition }: { readonly events: Events; readonly partition: MailboxPartition },
  before: KeptPasswords,
  after: KeptPasswords,
): void {
  const name = partitionName(partition.metadata.name);
  const { request } = after;
  if (before.next === undefined && after.next !== undefined)
    events.emit({ code: 'PasswordsAnnounced', partition: name, fields: { request } });
  if (before.next !== undefined && after.next === undefined)
    events.emit({ code: 'PasswordsInForce', partition: name, fields: { request } });
}

const newPasswords = (): RolePasswords => ({
  admin: newPassword(),
  replication: newPassword(),
  mail: newPassword(),
  salvage: newPassword(),
});
