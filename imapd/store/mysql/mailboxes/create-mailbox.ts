import { randomUUID } from 'node:crypto';
import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { parentsOf } from '../../parents-of.ts';
import type { QuotaLimits } from '../../quota.ts';
import { limitValue } from '../../quota-values.ts';
import type { CreateMailbox, CreateOutcome } from '../../store.ts';
import type { MailboxId } from '../../types.ts';
import { batch, type Connection, rows, type Statement } from '../connection.ts';
import { ownerLock } from '../operations/lock-slots.ts';
import { addMailboxes, usageLock } from '../operations/usage.ts';
import { join, raw, sql } from '../sql.ts';
import { wordsOf, wordsText } from '../words.ts';
import { takeUidValidities } from './uid-validity.ts';

type Create = CreateMailbox & { readonly limits: QuotaLimits };

export async function createMailbox(
  access: RepositoryAccess<Connection>,
  request: Create,
  attempt: Attempt,
): Promise<CreateOutcome> {
  // A second try of the transaction may well make other ids: nobody has seen the first ones.
  return await access.mutate<CreateOutcome>(request.operation, (tx) => createIn(tx, request), attempt);
}

export async function createIn(tx: Connection, request: Omit<Create, 'operation'>): Promise<CreateOutcome> {
  const { owner, name, specialUse, limits, ofNobody = false } = request;
  const names = [...parentsOf(name), name];
  const answers = await batch(tx, [
    ownerLock(owner),
    ...(ofNobody ? [keepRecord(owner)] : []),
    countMailboxes(owner),
    selectNamed(owner, names),
  ]);
  const [[counted] = [], found] = answers.slice(-2) as [Counted[], Existing[]];
  if (counted === undefined) throw new Error('a count gave no row');
  if (found.some((mailbox) => mailbox.name === name)) return { kind: 'exists' };
  const uses = new Set(counted.uses === null ? [] : wordsOf(counted.uses));
  const taken = specialUse.find((use) => uses.has(use));
  if (taken !== undefined) return { kind: 'useTaken', use: taken };
  if (isExcess(counted, { missing: names.length - found.length, limits })) return { kind: 'overQuota' };
  const wanted = names.map((each) => ({ name: each, specialUse: each === name ? specialUse : [] }));
  const created = await insertMissing(tx, owner, { wanted, found, inherit: true });
  const id = created.get(name);
  return id === undefined ? { kind: 'exists' } : { kind: 'created', id };
}

/** Limits, which are none until an administrator sets some (SETQUOTA), and a password that is none. */
const keepRecord = (owner: string): Statement => ({
  name: 'account-of-nobody',
  text: `INSERT INTO account (name, password_hash, quota_storage, quota_messages, quota_mailboxes)
    VALUES (?, '!', -1, -1, -1) ON DUPLICATE KEY UPDATE name = account.name`,
  values: [owner],
});

type NewMailbox = { readonly name: string; readonly specialUse: readonly string[] };

/** Makes those of the names that do not exist; the caller has locked the owner, and the mailboxes that it changes. */
export const insertMailboxes = (
  tx: Connection,
  owner: string,
  mailboxes: readonly NewMailbox[],
): Promise<ReadonlyMap<string, MailboxId>> => insert(tx, { owner, mailboxes, inherit: true });

/** The same for the owner alone: nobody has said that others may see what is in them. */
export const insertUnshared = (
  tx: Connection,
  owner: string,
  mailboxes: readonly NewMailbox[],
): Promise<ReadonlyMap<string, MailboxId>> => insert(tx, { owner, mailboxes, inherit: false });

/** Mailboxes of one sending: with names of 1,024 octets still less than a server takes. */
const PIECE = 500;

async function insert(
  tx: Connection,
  {
    owner,
    mailboxes,
    inherit,
  }: { readonly owner: string; readonly mailboxes: readonly NewMailbox[]; readonly inherit: boolean },
): Promise<ReadonlyMap<string, MailboxId>> {
  const created = new Map<string, MailboxId>();
  for (let at = 0; at < mailboxes.length; at += PIECE) {
    const wanted = mailboxes.slice(at, at + PIECE);
    const names = wanted.flatMap(({ name }) => (inherit ? [...parentsOf(name), name] : [name]));
    const found = await rows<Existing>(tx, selectNamed(owner, [...new Set(names)]));
    for (const [name, id] of await insertMissing(tx, owner, { wanted, found, inherit })) created.set(name, id);
  }
  return created;
}

/** A mailbox that there is already. */
type Existing = { readonly id: MailboxId; readonly name: string };
type Made = NewMailbox & { readonly id: MailboxId };

const selectNamed = (owner: string, names: readonly string[]): Statement => ({
  name: 'mailbox-named',
  text: 'SELECT id, name FROM mailbox WHERE owner = ? AND name IN (?)',
  values: [owner, names],
});

/** @param found those of `wanted` and of their parents that there are: names of a locked owner stay as they are */
async function insertMissing(
  tx: Connection,
  owner: string,
  {
    wanted,
    found,
    inherit,
  }: { readonly wanted: readonly NewMailbox[]; readonly found: readonly Existing[]; readonly inherit: boolean },
): Promise<ReadonlyMap<string, MailboxId>> {
  const existing = new Map(found.map(({ name, id }) => [name, id]));
  const missing = new Map<string, Made>();
  for (const mailbox of wanted) {
    const isNew = !existing.has(mailbox.name) && !missing.has(mailbox.name);
    if (isNew) missing.set(mailbox.name, { ...mailbox, id: randomUUID() as MailboxId });
  }
  const made = [...missing.values()];
  if (made.length === 0) return new Map();
  await batch(tx, [
    usageLock([owner]),
    ...takeUidValidities(made.length),
    insertStatement(owner, made),
    ...(inherit ? inherited(made, existing) : []),
    addMailboxes(sql`${owner}`, { storage: raw('0'), messages: raw('0'), mailboxes: sql`${made.length}` }),
  ]);
  return new Map(made.map(({ name, id }) => [name, id]));
}

const insertStatement = (owner: string, made: readonly Made[]): Statement => ({
  name: 'mailbox-insert',
  ...sql`INSERT INTO mailbox (id, owner, name, uid_validity, special_use, epoch) VALUES ${join(
    made.map(
      ({ id, name, specialUse }, n) =>
        sql`(${uuidOctets(id)}, ${owner}, ${name}, @validity + ${n}, ${wordsText(specialUse)}, @epoch)`,
    ),
    ', ',
  )}`,
});

/** RFC 4314, 4: the ACL of the nearest parent that there was. Parents that are made on the way get the same. */
function inherited(made: readonly Made[], existing: ReadonlyMap<string, MailboxId>): Statement[] {
  const nearest = ({ name }: Made): MailboxId | undefined =>
    parentsOf(name)
      .map((parent) => existing.get(parent))
      .findLast((id) => id !== undefined);
  const heirs = Map.groupBy(made, nearest);
  return [...heirs].flatMap(([parent, children]) =>
    parent === undefined
      ? []
      : [
          {
            name: 'mailbox-inherit',
            text: `INSERT INTO acl (mailbox, identifier, rights) SELECT b.id, a.identifier, a.rights
              FROM acl a CROSS JOIN mailbox b WHERE a.mailbox = ? AND b.id IN (?)`,
            values: [uuidOctets(parent), children.map(({ id }) => uuidOctets(id))],
          },
        ],
  );
}

/** Whether what there is not yet of `names` is more than the owner may have. The caller has locked the owner. */
export async function isTooMany(
  tx: Connection,
  owner: string,
  { names, limits }: { readonly names: readonly string[]; readonly limits: QuotaLimits },
): Promise<boolean> {
  const [counted, found] = await batch(tx, [countMailboxes(owner), selectNamed(owner, names)]);
  const missing = names.length - (found as Existing[]).length;
  return isExcess((counted as Counted[])[0] as Counted, { missing, limits });
}

type Counted = {
  readonly mailboxes: number;
  /** Special uses, some of them perhaps twice; null: none. */
  readonly uses: string | Buffer | null;
  /** Of mailboxes, as `quota_mailboxes` has it. */
  readonly own_limit: number | null;
};

const countMailboxes = (owner: string): Statement => ({
  name: 'mailbox-count',
  text: `SELECT COUNT(*) AS mailboxes, GROUP_CONCAT(NULLIF(special_use, '') SEPARATOR ' ') AS uses,
    (SELECT a.quota_mailboxes FROM account a WHERE a.name = ?) AS own_limit FROM mailbox WHERE owner = ?`,
  values: [owner, owner],
});

/** Where nothing is made nothing is too much, however many there are. */
function isExcess(
  { mailboxes, own_limit }: Counted,
  { missing, limits }: { readonly missing: number; readonly limits: QuotaLimits },
): boolean {
  const limit = own_limit ?? limitValue(limits.MAILBOX);
  return missing > 0 && limit >= 0 && mailboxes + missing > limit;
}
