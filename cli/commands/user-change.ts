import { type Command, InvalidArgumentError } from 'commander';
import type { Limit, UserChange } from '#contract/users-api.ts';
import { parseQuantity } from '#crds/quantity.ts';

/** As commander gives them. */
export type ChangeFlags = {
  readonly storage?: Limit;
  readonly messages?: Limit;
  readonly mailboxes?: Limit;
  readonly admin?: boolean;
};

/** `none` lifts a limit for this user, `default` is what the ImapCluster says. */
export const withChangeFlags = (command: Command): Command =>
  command
    .option('--storage <size>', 'most octets of all messages: 5Gi, none, or default', limitOf)
    .option('--messages <number>', 'most messages: a number, none, or default', limitOf)
    .option('--mailboxes <number>', 'most mailboxes: a number, none, or default', limitOf)
    .option('--admin', 'an administrator: may set the limits of others over IMAP, and share with everybody')
    .option('--no-admin', 'none any more');

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

/** What of it is said. */
export function changeOf({ admin, ...quota }: ChangeFlags): UserChange {
  const { storage, messages, mailboxes } = quota;
  const said = Object.entries({ storage, messages, mailboxes }).filter(([, limit]) => limit !== undefined);
  return {
    ...(admin === undefined ? {} : { admin }),
    ...(said.length === 0 ? {} : { quota: Object.fromEntries(said) }),
  };
}
