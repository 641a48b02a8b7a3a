// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { DeleteOutcome, Named, Only } from '../../store.ts';
import type { Connection } from '../connection.ts';

export async function deleteMailbox(
  access: RepositoryAccess<Connection>,
  request: Named & Only,
  attempt: Attempt,
): Promise<DeleteOutcome> {
  throw new Error('deleteMailbox: not written yet');
}
