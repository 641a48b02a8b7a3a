import type { MailboxId } from '../types.ts';
import { bringMessages } from './bring-messages.ts';
import { copyContents } from './copy-contents.ts';
import { type Decision, decideMessages, type Knowledge } from './decide-messages.ts';
import type { SalvageContext, SalvageResult } from './salvage-context.ts';
import type { SourceMailbox, TailRow } from './salvage-statements.ts';

/** Messages of one transaction. */
const PAGE = 100;

/** The messages of a mailbox above its fork, page by page: decided, their content copied, brought. */
export async function salvageMessages<C>(
  context: SalvageContext<C>,
  request: {
    readonly mailbox: SourceMailbox;
    readonly into: () => Promise<MailboxId>;
    readonly result: SalvageResult;
  },
): Promise<void> {
  const { mailbox, into, result } = request;
  const { messages } = context.statements;
  let from = mailbox.here?.forkUidNext ?? 1;
  for (;;) {
    const page = await messages.page(context.source, { mailbox: mailbox.id, from, most: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    const decisions = decideMessages(page, await whatIsKnown(context, mailbox, page));
    const bring = page.filter((row) => decisions.get(row.uid)?.kind === 'bring');
    const known = page.flatMap((row) => knownOf(row, decisions.get(row.uid)));
    if (bring.length + known.length > 0) {
      await copyContents(context, bring);
      await bringMessages(context, { mailbox, into: await placeFor(bring, mailbox, into), bring, known });
    }
    result.messages += bring.length;
    result.known += known.length;
    context.log.debug({ mailbox: mailbox.name, owner: mailbox.owner, ...result }, 'messages of a mailbox');
    from = last.uid + 1;
  }
}

/** A mailbox that was deleted here is made again only for messages that nobody has. */
const placeFor = async (
  bring: readonly TailRow[],
  mailbox: SourceMailbox,
  into: () => Promise<MailboxId>,
): Promise<MailboxId> => (bring.length === 0 ? mailbox.id : await into());

const knownOf = (row: TailRow, decision: Decision | undefined) =>
  decision?.kind === 'known' ? [{ oldUid: row.uid, newUid: decision.uid }] : [];

/** Of a mailbox that the target has never seen, only operations and decisions can be known. */
const whatIsKnown = <C>(
  { target, statements, member, attempt }: SalvageContext<C>,
  { id, here }: SourceMailbox,
  messages: readonly TailRow[],
): Promise<Knowledge> => {
  const about = { member, mailbox: id, from: here?.forkUidNext ?? 1, messages };
  return target.read((c) => statements.messages.knowledge(c, about), attempt);
};
