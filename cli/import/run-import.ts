import { pause } from '#runtime/deadline.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { Appended, ClusterConnection, MessageToAppend } from '../connection/cluster-connection.ts';
import { type MailboxIdentity, OperationIds } from './operation-ids.ts';
import type { MessageSource, SourceItem } from './source-message.ts';

/** How far an import is; grows while it runs. */
export type ImportCounts = {
  stored: number;
  repeated: number;
  /** Entries that were passed over, with the place and the reason. */
  readonly failures: { readonly place: string; readonly reason: string }[];
  /** Bytes of the source that are done with. */
  bytes: number;
};

export type ImportOptions = {
  readonly connection: Pick<ClusterConnection, 'append' | 'createMailbox' | 'listMailboxes'>;
  readonly source: MessageSource;
  readonly user: string;
  /** Messages under way at a time. 1 keeps the order of the source in the UIDs exactly. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly onProgress: (counts: ImportCounts) => void;
};

/**
 * Appends every message of a source. Stops at the signal after what is under way; run again, it finds what it has done
 * already (`repeated`) and goes on. The order of the source is the order of the UIDs, give or take `parallel`.
 */
export async function runImport(options: ImportOptions): Promise<ImportCounts> {
  const counts: ImportCounts = { stored: 0, repeated: 0, failures: [], bytes: 0 };
  const ids = new OperationIds(options.user);
  const mailboxes = new Map<string, MailboxIdentity>();
  const underWay = new Set<Promise<void>>();
  const failed: unknown[] = [];
  try {
    for await (const item of options.source.items(options.signal)) {
      if (options.signal.aborted || failed.length > 0) break;
      if (item.kind === 'message' && !mailboxes.has(item.mailbox)) {
        mailboxes.set(item.mailbox, await openMailbox(options, item.mailbox));
      }
      const work = handle(item, { ...options, ids, mailboxes, counts })
        .catch((error: unknown) => void failed.push(error))
        .finally(() => underWay.delete(work));
      underWay.add(work);
      if (underWay.size >= options.parallel) await Promise.race(underWay);
    }
  } finally {
    // However it ends, nothing goes on behind the summary.
    await Promise.all(underWay);
  }
  if (failed.length > 0) throw failed[0];
  return counts;
}

/** Makes the mailbox where it is missing. */
async function openMailbox({ connection, user }: ImportOptions, name: string): Promise<MailboxIdentity> {
  await connection.createMailbox(user, name);
  const { mailboxes } = await connection.listMailboxes(user);
  const same = (other: string): boolean => other === name || (other === 'INBOX' && name.toUpperCase() === 'INBOX');
  // A name that the server writes in another way: its mailboxes are told apart by name alone.
  const uidValidity = mailboxes.find((mailbox) => same(mailbox.name))?.uidValidity ?? 0;
  return { name, uidValidity };
}

type Handling = ImportOptions & {
  readonly ids: OperationIds;
  readonly mailboxes: ReadonlyMap<string, MailboxIdentity>;
  readonly counts: ImportCounts;
};

async function handle(item: SourceItem, handling: Handling): Promise<void> {
  const { user, ids, mailboxes, counts, onProgress } = handling;
  if (item.kind === 'broken') counts.failures.push({ place: item.place, reason: item.reason });
  else {
    const { mailbox, bytes, flags, internalDate, place } = item;
    const operation = ids.next(mailboxes.get(mailbox) ?? { name: mailbox, uidValidity: 0 }, bytes);
    const outcome = await patiently({ user, mailbox, operation, internalDate, flags, bytes }, handling);
    if (outcome === 'interrupted') return;
    if (outcome.kind === 'refused') counts.failures.push({ place, reason: outcome.reason });
    else counts[outcome.kind] += 1;
  }
  counts.bytes += item.sourceBytes;
  onProgress(counts);
}

/** A failover takes seconds: an import outlasts it, and repeats what it does not know the outcome of. */
const ATTEMPTS = 60;
const BETWEEN_ATTEMPTS_MS = 1_000;

async function patiently(
  message: MessageToAppend,
  { connection, signal }: Handling,
): Promise<Exclude<Appended, { readonly kind: 'unavailable' }> | 'interrupted'> {
  let reason = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await connection.append(message);
    if (outcome.kind !== 'unavailable') return outcome;
    reason = outcome.reason;
    if ((await pause(BETWEEN_ATTEMPTS_MS, signal)) === 'aborted') return 'interrupted';
  }
  throw new CliError(`nobody can write: ${reason}`, EXIT.unreachable);
}
