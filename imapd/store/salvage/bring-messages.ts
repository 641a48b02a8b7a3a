import { writeUids } from '../messages/uid-ranges.ts';
import { derivedOperation } from '../operations/derived-operation.ts';
import type { MailboxId, Uid } from '../types.ts';
import type { SalvageContext } from './salvage-context.ts';
import type { Known, SourceMailbox, TailRow } from './salvage-statements.ts';
import { translateKeywords } from './translate-keywords.ts';

/** What tells a user that a message came back. */
export const SALVAGED = '$Salvaged';

export type Bring = {
  readonly mailbox: SourceMailbox;
  readonly into: MailboxId;
  readonly bring: readonly TailRow[];
  readonly known: readonly Known[];
};

/** One transaction: the messages get their new UIDs and every decision is recorded. */
export async function bringMessages<C>(context: SalvageContext<C>, request: Bring): Promise<void> {
  const uids = [...request.bring.map((row) => row.uid), ...request.known.map((row) => row.oldUid)];
  const step = `${request.mailbox.id} ${writeUids(uids as Uid[])} into ${request.into}`;
  await context.target.mutate(
    derivedOperation(`salvage ${context.member}`, step),
    (tx) => bringIn(tx, context, request),
    context.attempt,
  );
}

async function bringIn<C>(tx: C, context: SalvageContext<C>, request: Bring): Promise<null> {
  const { statements, member } = context;
  const { mailbox, into, bring, known } = request;
  // From here to COMMIT what these rows are about to refer to stays.
  await statements.messages.lockCollector(tx);
  if (bring.length > 0) await insert(tx, context, request);
  if (known.length > 0) await statements.messages.note(tx, { member, mailbox: mailbox.id, into, known });
  return null;
}

async function insert<C>(
  tx: C,
  { statements, member }: SalvageContext<C>,
  { mailbox, into, bring }: Bring,
): Promise<void> {
  const [here] = await statements.mailboxes.lockMailbox(tx, into);
  if (here === undefined) throw new Error(`mailbox ${mailbox.name} of ${mailbox.owner} was deleted in the meantime`);
  const { assigned, masks } = translateKeywords(here.keywords, mailbox.keywords, {
    masks: bring.map((row) => BigInt(row.keywords)),
    extra: SALVAGED,
  });
  await statements.mailboxes.saveKeywords(tx, into, assigned);
  const brought = { member, mailbox: mailbox.id, into: here, messages: bring, masks };
  const missing = await statements.messages.bring(tx, brought);
  if (missing > 0)
    throw new Error(`${missing} contents were collected in the meantime; the next run copies them again`);
}
