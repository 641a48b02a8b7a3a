// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { CopyMessages, CopyOutcome } from '../../store.ts';
import type { Connection } from '../connection.ts';

type Copy = CopyMessages & { readonly limits: QuotaLimits };

export async function copy(
  access: RepositoryAccess<Connection>,
  request: Copy,
  attempt: Attempt,
): Promise<CopyOutcome> {
  throw new Error('copy: not written yet');
}
