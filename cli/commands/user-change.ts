import { type Command, InvalidArgumentError } from 'commander';
import type { Limit, UserChange } from '#contract/users-api.ts';
import { parseQuantity } from '#crds/quantity.ts';

/** As commander gives them. */
export type ChangeFlags = {
  readonly storage?: Limit;
  readonly messages?: Limit;
  readonly mailboxes?: Limit;
  readonly admin?: boolean;
  readonly groups?: readonly string[];
};

/** `none` lifts a limit for this user, `default` is what the ImapCluster says. */
export const withChangeFlags = (command: Command): Command =>
  command
    .option('--storage <size>', 'most octets of all messages: 5Gi, none, or default', limitOf)
    .option('--messages <number>', 'most messages: a number, none, or default', limitOf)
    .option('--mailboxes <number>', 'most mailboxes: a number, none, or default', limitOf)
    .option(
      '--admin',
      'an administrator: may set the limits of others over IMAP, share with everybody, and do everything in shared namespaces',
    )
    .option('--no-admin', 'none any more')
    .option('--groups <names>', 'all groups, for access control lists ($NAME there): a,b or none', groupsOf);

function limitOf(text: string): Limit {
  if (text === 'none') return 'unlimited';
  if (text === 'default') return 'default';
  try {
    const limit = Math.round(parseQuantity(text));
    if (Number.isSafeInteger(limit)) return limit;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new InvalidArgumentError('Give an amount (500, 5Gi), none, or default.');
}

function groupsOf(text: string): readonly string[] {
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '' && !/^[-$]/.test(name))) return names;
  throw new InvalidArgumentError('Give names of groups without $, with commas between them, or none.');
}

/** What of it is said. */
export function changeOf({ admin, groups, ...quota }: ChangeFlags): UserChange {
  const { storage, messages, mailboxes } = quota;
  const said = Object.entries({ storage, messages, mailboxes }).filter(([, limit]) => limit !== undefined);
  return {
    ...(admin === undefined ? {} : { admin }),
    ...(groups === undefined ? {} : { groups: [...groups] }),
    ...(said.length === 0 ? {} : { quota: Object.fromEntries(said) }),
  };
}
