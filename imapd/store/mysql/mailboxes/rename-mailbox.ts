// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { RenameOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

export async function renameMailbox(
  access: RepositoryAccess<Connection>,
  request: Rename,
  attempt: Attempt,
): Promise<RenameOutcome> {
  throw new Error('renameMailbox: not written yet');
}
