import type { Role } from './connection-settings.ts';
import type { Loan, Member, MemberPools } from './member-pools.ts';
import { type Limits, patiently } from './patience.ts';

export type Lender = { readonly pools: MemberPools; readonly member: Member; readonly role: Role };

/** A connection, unless the limits end first. A turn that comes too late goes back unused. */
export async function borrow(lender: Lender, limits: Limits): Promise<Loan> {
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
export async function withLoan<T>(
  lender: Lender,
  limits: Limits,
  use: (connection: Loan['connection']) => Promise<T>,
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
