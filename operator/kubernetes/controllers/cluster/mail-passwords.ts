import type { V1Secret } from '@kubernetes/client-node';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { MAIL_FILE } from '../../../partition/objects/member-paths.ts';
import { partitionNames } from '../../../partition/objects/partition-names.ts';
import type { Stored } from '../../api/resource.ts';
import { keyOf } from '../../watch/key-of.ts';

type Secret = Stored<V1Secret> | undefined;

/** By name of the partition; `others` only while a password is replaced. */
export type MailPasswords = {
  readonly passwords: ReadonlyMap<string, string>;
  readonly others: ReadonlyMap<string, string>;
};

/**
 * How imapd signs in to each partition, out of the partitions' Secrets. Where one is missing or damaged, which its own
 * controller tells, imapd keeps what it `has`.
 */
export function mailPasswords(
  partitions: readonly MailboxPartition[],
  secret: (key: string) => Secret,
  has: Secret,
): MailPasswords {
  const passwords = new Map<string, string>();
  const others = new Map<string, string>();
  for (const partition of partitions) {
    const { namespace, name } = partition.metadata;
    const own = secret(keyOf({ namespace, name: partitionNames(partition).credentials }));
    const found = signInOf(own, MAIL_FILE) ?? signInOf(has, `${name}.json`);
    if (found === null) continue;
    passwords.set(name, found.password);
    if (found.otherPassword !== undefined) others.set(name, found.otherPassword);
  }
  return { passwords, others };
}

const SignIn = Type.Object({ password: Type.String(), otherPassword: Type.Optional(Type.String()) });

function signInOf(secret: Secret, file: string): Static<typeof SignIn> | null {
  const text = Buffer.from(secret?.data?.[file] ?? '', 'base64').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(SignIn, value) ? value : null;
  } catch {
    // Not JSON: as good as none.
    return null;
  }
}
