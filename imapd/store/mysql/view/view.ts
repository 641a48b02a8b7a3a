// @ts-nocheck
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxState } from '../../mailbox-state.ts';
import type { MailboxId, MessageRows } from '../../types.ts';
import type { Connection } from '../connection.ts';

type Loaded = { readonly state: MailboxState; readonly rows: MessageRows };

export async function loadView(
  access: RepositoryAccess<Connection>,
  mailbox: MailboxId,
  attempt: Attempt,
): Promise<Loaded | null> {
  throw new Error('loadView: not written yet');
}
