import { SERVER } from '../annotations.ts';
import { derivedOperation } from '../operations/derived-operation.ts';
import type { SalvageContext } from './salvage-context.ts';
import { sinceTail } from './salvage-names.ts';
import type { Found, TailAnnotation } from './salvage-statements.ts';

/** Rows in memory at a time. */
const PAGE = 200;

/**
 * Annotations written in the tail, unless they have been written here since. A mailbox that was made in the tail has another
 * id here, and is found by its name: after all others, for who has that name here may be one that the tail renamed, whose own
 * annotations go before. What the tail removed stays.
 *
 * A reader must be known here: by an account, or, where that is in another partition, by an entry in the ACL of the mailbox, or by other
 * annotations, as who comes by a group: who is removed leaves neither. Of others nobody can tell whether they have been removed since.
 */
export async function salvageAnnotations<C>(context: SalvageContext<C>): Promise<void> {
  const { source, tailBegan, statements } = context;
  if (tailBegan === null || !(await statements.annotations.exist(source))) return;
  const began = sinceTail(tailBegan);
  for (const found of ['id', 'name'] as const) await bringAll(context, found, began);
}

async function bringAll<C>(context: SalvageContext<C>, found: Found, began: Date): Promise<void> {
  const { source, attempt, statements } = context;
  let after: readonly [string, string, string] = [SERVER, '', ''];
  for (;;) {
    attempt.signal.throwIfAborted();
    const page = await statements.annotations.page(source, { since: began, after, most: PAGE });
    const last = page.at(-1);
    if (last === undefined) return;
    after = [last.mailbox, last.reader, last.entry];
    await bring(context, page, { found, began });
  }
}

async function bring<C>(
  { target, attempt, member, statements }: SalvageContext<C>,
  page: readonly TailAnnotation[],
  by: { readonly found: Found; readonly began: Date },
): Promise<void> {
  const keys = page.map(({ mailbox, reader, entry }) => [mailbox, reader, entry]);
  await target.mutate(
    derivedOperation(`salvage ${member}`, `annotations by ${by.found} ${JSON.stringify(keys)}`),
    async (tx: C) => {
      await statements.annotations.insert(tx, page, by);
      return null;
    },
    attempt,
  );
}
