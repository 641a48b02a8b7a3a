import type { V1Secret } from '@kubernetes/client-node';
import type { PartitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { settled } from '#runtime/settled.ts';
import type { ReadSqlCredentials, SqlCredentials, SqlRolePasswords } from '../../members/by-sql/sql-credentials.ts';
import { partitionNames } from '../../partition/objects/partition-names.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type Stored, secrets } from '../api/resource.ts';
import { keyOf } from '../watch/key-of.ts';
import { readCredentialsSecret } from './read-credentials-secret.ts';

type Secret = Stored<V1Secret>;

export type SqlCredentialsPorts = {
  readonly client: Pick<ApiClient, 'get'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Secrets of our own making. */
  readonly secrets: { get(key: string): Secret | undefined };
  readonly partition: (name: PartitionName) => MailboxPartition | null;
};

/** Each member is looked at several times a second; a Secret that was mended is noticed after so long. */
const KEPT_MS = 5_000;

/** `at`: when the answer came, so that a slow one is not old at once. */
type Asked = { readonly at: number; readonly secret: Secret | null };
type Key = { readonly namespace: string; readonly name: string };

/**
 * With whose name the operator signs in to servers that somebody else runs. That Secret is somebody else's and is asked for by
 * name. Who watches the servers does not wait for the API server where something is known: that holds on while a newer answer
 * is fetched behind it, or cannot be had.
 */
export function readSqlCredentials({
  client,
  clock,
  secrets: own,
  partition,
}: SqlCredentialsPorts): ReadSqlCredentials {
  const known = new Map<string, Asked>();
  const pending = new Map<string, Promise<Secret | null>>();
  const ask = async (key: Key): Promise<Secret | null> => {
    const before = known.get(keyOf(key));
    try {
      const secret = await client.get(secrets, key);
      known.set(keyOf(key), { at: clock.monotonic(), secret });
      return secret;
    } catch (error) {
      if (before === undefined) throw error;
      known.set(keyOf(key), { ...before, at: clock.monotonic() });
      return before.secret;
    } finally {
      pending.delete(keyOf(key));
    }
  };
  const administrator = async (key: Key): Promise<Secret | null> => {
    const { at, secret } = known.get(keyOf(key)) ?? { at: Number.NEGATIVE_INFINITY, secret: null };
    if (clock.monotonic() - at < KEPT_MS) return secret;
    const answer = pending.getOrInsertComputed(keyOf(key), () => ask(key));
    if (secret === null) return await answer;
    void settled(answer);
    return secret;
  };
  return async (name) => {
    const object = partition(name);
    const reference = object?.spec.repository.credentialsSecretRef?.name;
    if (object === null || reference === undefined) return { ok: false, message: `no Secret is named for ${name}` };
    const { namespace = '' } = object.metadata;
    const made = own.get(keyOf({ namespace, name: partitionNames(object).credentials }));
    return sqlCredentialsIn(reference, await administrator({ namespace, name: reference }), made);
  };
}

/**
 * Exported for its test: what the two Secrets give, or what is missing, in words that say what to do.
 * @throws RangeError where the one of our own making is damaged
 */
export function sqlCredentialsIn(name: string, secret: Secret | null, made: Secret | undefined): SqlCredentials {
  if (secret === null)
    return { ok: false, message: `there is no Secret ${name}: create it, with username and password` };
  const [username, password] = [valueIn(secret, 'username'), valueIn(secret, 'password')];
  const missing = Object.entries({ username, password }).flatMap(([key, value]) => (value === '' ? [key] : []));
  if (missing.length > 0)
    return { ok: false, message: `the Secret ${name} has no ${missing.join(' and no ')}: put it there` };
  if (made === undefined) return { ok: false, message: 'passwords for the roles have not been made yet' };
  return { ok: true, username, password, rolePasswords: rolePasswordsIn(made) };
}

const valueIn = ({ data }: Secret, key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');

function rolePasswordsIn({ data, metadata }: Secret): SqlRolePasswords {
  const { passwords } = readCredentialsSecret(data, `Secret ${keyOf(metadata)}`);
  const { replication, mail, salvage } = passwords;
  return { replication, mail, salvage };
}
