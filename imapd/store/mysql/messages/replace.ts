// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { ReplaceMessage, ReplaceOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

type Replace = ReplaceMessage & { readonly limits: QuotaLimits };

export async function replace(
  access: RepositoryAccess<Connection>,
  request: Replace,
  attempt: Attempt,
): Promise<ReplaceOutcome> {
  throw new Error('replace: not written yet');
}
