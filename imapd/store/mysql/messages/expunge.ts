// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { Expunge, ExpungeOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

export async function expunge(
  access: RepositoryAccess<Connection>,
  request: Expunge,
  attempt: Attempt,
): Promise<ExpungeOutcome> {
  throw new Error('expunge: not written yet');
}
