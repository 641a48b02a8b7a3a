// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { AppendMessage, AppendOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

type Limited = AppendMessage & { readonly limits: QuotaLimits };

export async function append(
  access: RepositoryAccess<Connection>,
  request: Limited,
  attempt: Attempt,
): Promise<AppendOutcome> {
  throw new Error('append: not written yet');
}
