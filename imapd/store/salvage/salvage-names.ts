import { derivedOperation } from '../operations/derived-operation.ts';
import type { SalvageContext } from './salvage-context.ts';

/**
 * How much earlier than the tail's first operation something of the tail may be dated: an operation is dated when it ends,
 * its rows as they are written. What is older was known to all and, where it is missing here, was removed since.
 */
const MARGIN_MS = 10_000;

export function isOfTail({ tailBegan }: { readonly tailBegan: Date | null }, at: Date): boolean {
  return tailBegan !== null && at.getTime() >= tailBegan.getTime() - MARGIN_MS;
}

export const sinceTail = (began: Date): Date => new Date(began.getTime() - MARGIN_MS);

/** Users made in the tail, with their passwords, limits, rights and groups. Gives how many are new here. */
export async function salvageAccounts<C>(context: SalvageContext<C>): Promise<number> {
  const { source, tailBegan } = context;
  const { names } = context.statements;
  if (tailBegan === null) return 0;
  const found = await names.tailAccounts(source, sinceTail(tailBegan));
  if (found.length === 0) return 0;
  const step = `accounts ${found.map(({ name }) => name).join(' ')}`;
  return await insertOnce(context, step, (tx) => names.insertAccounts(tx, found));
}

/** Subscriptions of the tail. Gives how many are new here. */
export async function salvageSubscriptions<C>(context: SalvageContext<C>): Promise<number> {
  const { source, tailBegan } = context;
  const { names } = context.statements;
  if (tailBegan === null) return 0;
  const found = await names.tailSubscriptions(source, sinceTail(tailBegan));
  if (found.length === 0) return 0;
  const step = `subscriptions ${JSON.stringify(found)}`;
  return await insertOnce(context, step, (tx) => names.insertSubscriptions(tx, found));
}

/** A repeated run finds its operation and brings back nothing that somebody has removed in the meantime. */
async function insertOnce<C>(
  { target, attempt, member }: SalvageContext<C>,
  step: string,
  insert: (tx: C) => Promise<number>,
): Promise<number> {
  let inserted = 0;
  await target.mutate(
    derivedOperation(`salvage ${member}`, step),
    async (tx: C) => {
      inserted = await insert(tx);
      return inserted;
    },
    attempt,
  );
  return inserted;
}
