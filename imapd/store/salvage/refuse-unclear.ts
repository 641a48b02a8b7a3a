import type { SalvageContext } from './salvage-context.ts';
import { sinceTail } from './salvage-names.ts';

/** Names in the message; the rest is counted. */
const NAMED = 10;

/**
 * An old primary that was away for longer than operations are remembered may have users and mailboxes of which nobody can tell
 * whether they were lost with it or removed since. Who was removed must not be able to sign in again, and what was lost must not
 * be overwritten unseen: a person decides. Comes after everything that is certain.
 * @throws Error which names them
 */
export async function refuseUnclear<C>(context: SalvageContext<C>): Promise<void> {
  const { source, target, attempt, unclearSince, tailBegan } = context;
  const { names } = context.statements;
  if (unclearSince === null) return;
  const range = { since: sinceTail(unclearSince), until: tailBegan === null ? null : sinceTail(tailBegan) };
  const accounts = await names.accountsMade(source, range);
  const mailboxes = await names.mailboxesMade(source, range);
  const missing = async (
    keys: readonly string[],
    find: (c: C) => Promise<ReadonlySet<string>>,
  ): Promise<ReadonlySet<string>> =>
    keys.length === 0 ? new Set() : new Set(keys).difference(await target.read(find, attempt));
  const users = await missing(accounts, (c) => names.existingAccounts(c, accounts));
  const all = mailboxes.map(({ id }) => id);
  const ids = await missing(all, (c) => names.knownMailboxes(c, all));
  const others = mailboxes.filter(({ id, owner }) => ids.has(id) && !users.has(owner));
  const unclear = [...[...users].map((name) => `user ${name}`), ...others.map((m) => `${m.name} of ${m.owner}`)];
  if (unclear.length === 0) return;
  const more = unclear.length > NAMED ? ` and ${unclear.length - NAMED} more` : '';
  throw new Error(
    `the old primary was away for too long to tell what was lost with it from what was removed since: ${unclear.slice(0, NAMED).join(', ')}${more}. All else was brought; decide about these (runbook SalvageFailed)`,
  );
}
