import type { V1Secret } from '@kubernetes/client-node';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { roles } from '#database/roles.ts';
import type { Built } from '../../objects/built.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { jsonFile, secretData } from '../../objects/secret-data.ts';
import { signInFile } from '../../objects/sign-in-file.ts';
import { reclaimOf } from './member-input.ts';
import { partitionLabels } from './member-labels.ts';
import { MAIL_FILE, PASSWORDS_FILE, REPLACEMENT_FILE, SALVAGE_FILE } from './member-paths.ts';
import { partitionNames } from './partition-names.ts';

/** Passwords of the database's roles (`database/roles.ts`), printable ASCII of at least 8 characters. */
export type RolePasswords = Readonly<Record<keyof typeof roles, string>>;

/**
 * While passwords are replaced: `next` before the database gets them, so that every agent knows them by then, `previous`
 * when it shall have the new ones: the agent of the primary replaces those that are still in force.
 */
export type OtherPasswords = { readonly next?: RolePasswords; readonly previous?: RolePasswords };

/** How far a replacement is. Both null: nobody has ever asked for one. */
export type ReplacementNote = {
  /** The request that was last obeyed, or is being obeyed. */
  readonly request: string | null;
  /** When the last stage began, milliseconds since 1970; null before the first replacement. */
  readonly since: number | null;
};

/**
 * All passwords for the agents, and each program's own for the others. Whoever makes the passwords up keeps them. Kept with
 * the volumes (`reclaim`): the roles in the data have these passwords, and no others.
 */
export function partitionCredentialsSecret(
  partition: MailboxPartition,
  passwords: RolePasswords,
  { next, previous, request = null, since = null }: OtherPasswords & Partial<ReplacementNote> = {},
): Built<V1Secret> {
  const { mail, salvage } = passwords;
  const other = next ?? previous;
  const replaced = {
    ...(previous === undefined ? {} : { previous: inOrder(previous) }),
    ...(next === undefined ? {} : { next: inOrder(next) }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMeta({
      owner: partition,
      name: partitionNames(partition).credentials,
      labels: partitionLabels(partition),
      owned: reclaimOf(partition) === 'Delete',
    }),
    type: 'Opaque',
    data: secretData({
      [PASSWORDS_FILE]: jsonFile({ ...inOrder(passwords), ...replaced }),
      [MAIL_FILE]: signInFile({ user: roles.mail, password: mail, other: other?.mail }),
      [SALVAGE_FILE]: signInFile({ user: roles.salvage, password: salvage, other: other?.salvage }),
      ...(request === null && since === null ? {} : { [REPLACEMENT_FILE]: jsonFile({ request, since }) }),
    }),
  };
}

/** The same text for the same passwords, and nothing but them. */
const inOrder = ({ admin, replication, mail, salvage }: RolePasswords): RolePasswords => ({
  admin,
  replication,
  mail,
  salvage,
});
