// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { CreateMailbox, CreateOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

type Create = CreateMailbox & { readonly limits: QuotaLimits };

export async function createMailbox(
  access: RepositoryAccess<Connection>,
  request: Create,
  attempt: Attempt,
): Promise<CreateOutcome> {
  throw new Error('createMailbox: not written yet');
}
