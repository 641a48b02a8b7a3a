// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { StoreFlags, StoreOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

export async function storeFlags(
  access: RepositoryAccess<Connection>,
  request: StoreFlags,
  attempt: Attempt,
): Promise<StoreOutcome> {
  throw new Error('storeFlags: not written yet');
}
