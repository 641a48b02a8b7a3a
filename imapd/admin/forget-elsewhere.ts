import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import type { UserStores } from '../routing/user-stores.ts';
import type { Store } from '../store/store.ts';
import type { OperationId } from '../store/types.ts';
import { Problem } from './problem.ts';

type Elsewhere = {
  readonly stores: UserStores;
  /** Of the user's own partition: nothing is done there. */
  readonly home: Store;
  readonly newOperation: () => OperationId;
};

/**
 * Removes what people of other partitions have granted a user: all of it, or nothing where one of them does not answer. One that
 * stops answering in the midst leaves the user as well. @throws Problem 503 Unavailable
 */
export async function forgetElsewhere(
  { stores, home, newOperation }: Elsewhere,
  name: string,
  attempt: Attempt,
): Promise<void> {
  const others = [...stores.all].filter(([, store]) => store !== home);
  const inAll = (work: (store: Store) => Promise<unknown>, outcome: string): Promise<unknown> =>
    Promise.all(others.map(([partition, store]) => answering(work(store), { partition, outcome })));
  await inAll((store) => store.findMailbox(name, 'INBOX', attempt), 'nothing was removed');
  await inAll(
    (store) => store.forgetUser({ operation: newOperation(), name }, attempt),
    'the user is still there, but what others share with the user may be gone in part; please remove the user again',
  );
}

async function answering(
  work: Promise<unknown>,
  { partition, outcome }: { readonly partition: string; readonly outcome: string },
): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RepositoryUnavailable)) throw error;
    const why = 'what is shared there with the user would stay for the next one of that name';
    throw new Problem(503, 'Unavailable', `${outcome}: the partition ${partition} does not answer, and ${why}`);
  }
}
