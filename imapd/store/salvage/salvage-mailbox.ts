import { randomUUID } from 'node:crypto';
import { derivedOperation } from '../operations/derived-operation.ts';
import { parentsOf } from '../parents-of.ts';
import type { MailboxId, OperationId } from '../types.ts';
import type { SalvageContext, SalvageResult } from './salvage-context.ts';
import { salvageFlags } from './salvage-flags.ts';
import { salvageMessages } from './salvage-messages.ts';
import { isOfTail } from './salvage-names.ts';
import type { MailboxStatements, SourceMailbox } from './salvage-statements.ts';

/**
 *   exists here                      what came after the fork, into it
 *   deleted here since               unknown messages only, into a mailbox of its name, made again if need be
 *   unknown here, made in the tail   everything, into a mailbox of its name
 *   unknown here, older              it was deleted so long ago that no trace is left: stays so
 */
export async function salvageMailbox<C>(
  context: SalvageContext<C>,
  mailbox: SourceMailbox,
  result: SalvageResult,
): Promise<void> {
  const { here } = mailbox;
  if (here !== null && mailbox.modseq <= here.forkModSeq) return;
  if (here === null && !isOfTail(context, mailbox.createdAt)) {
    result.skipped++;
    return;
  }
  const into = async (): Promise<MailboxId> => {
    if (here?.exists === true) return mailbox.id;
    return await ensureMailbox(context, { mailbox, operation: randomUUID() as OperationId, result });
  };
  if (here === null) {
    // Also without messages, but once only: who deletes it afterwards has deleted it.
    const operation = derivedOperation(`salvage ${context.member}`, `mailbox ${mailbox.id}`);
    await ensureMailbox(context, { mailbox, operation, result });
  }
  await salvageMessages(context, { mailbox, into, result });
  if (here?.exists === true) await salvageFlags(context, { mailbox, fork: here, result });
}

async function ensureMailbox<C>(
  { target, attempt, statements }: SalvageContext<C>,
  request: { readonly mailbox: SourceMailbox; readonly operation: OperationId; readonly result: SalvageResult },
): Promise<MailboxId> {
  const { mailbox, operation, result } = request;
  // Told by the run itself, not by its stored result: a repeated run makes nothing.
  let created = 0;
  const ensured = await target.mutate(
    operation,
    async (tx) => {
      const made = await ensureIn(tx, statements.mailboxes, mailbox);
      created = made.created;
      return made;
    },
    attempt,
  );
  result.mailboxes += created;
  return ensured.id;
}

/** `created` counts the parents that had to be made too. */
type Ensured = { readonly id: MailboxId; readonly created: number };

async function ensureIn<C>(
  tx: C,
  mailboxes: MailboxStatements<C>,
  { owner, name, specialUse }: SourceMailbox,
): Promise<Ensured> {
  await mailboxes.lockOwner(tx, owner);
  const existing = await mailboxes.named(tx, owner, name);
  if (existing !== null) return { id: existing, created: 0 };
  const parents = parentsOf(name).map((parent) => ({ name: parent, specialUse: [] }));
  // Its own ACL is lost; that of a parent may be for others than it was.
  const made = await mailboxes.insertUnshared(tx, owner, [...parents, { name, specialUse }]);
  const id = made.get(name);
  if (id === undefined) throw new Error(`mailbox ${name} of ${owner} could not be made`);
  return { id, created: made.size };
}
