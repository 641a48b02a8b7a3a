import type { Loan, Role } from '../driver.ts';
import type { Member, MemberPools } from './member-pools.ts';
import { type Limits, patiently } from './patience.ts';

export type Lender<C extends object> = { readonly pools: MemberPools<C>; readonly member: Member; readonly role: Role };

/** A connection, unless the limits end first. A turn that comes too late goes back unused. */
export async function borrow<C extends object>(lender: Lender<C>, limits: Limits): Promise<Loan<C>> {
  const lending = lender.pools.acquire(lender.member, lender.role);
  try {
    return await patiently(lending, limits);
  } catch (error) {
    // Nobody waits for this connection any more; if it never comes about, the reason interests nobody either.
    lending.then(
      (loan) => loan.giveBack(),
      () => undefined,
    );
    throw error;
  }
}

/** Borrows for one use. After a failure the connection is closed: statements of `use` may still be under way on it. */
export async function withLoan<C extends object, T>(
  lender: Lender<C>,
  limits: Limits,
  use: (connection: C) => Promise<T>,
): Promise<T> {
  const loan = await borrow(lender, limits);
  let value: T;
  try {
    value = await patiently(use(loan.connection), limits);
  } catch (error) {
    loan.discard();
    throw error;
  }
  loan.giveBack();
  return value;
}
