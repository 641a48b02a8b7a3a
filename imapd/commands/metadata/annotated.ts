import { EVERY_RIGHT, type Rights } from '../../acl/rights.ts';
import type { Refused, Sharing } from '../../acl/sharing.ts';
import type { GetMetadata, SetMetadata } from '../../protocol/command.ts';
import { SERVER } from '../../store/annotations.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import type { CommandContext } from '../command-handler.ts';

/** What has annotations: a mailbox, or the server as one user sees it. */
export type Annotated = {
  readonly kind: 'annotated';
  readonly store: Store;
  readonly id: MailboxId;
  /** The mailbox as the session calls it; null: the server. */
  readonly shown: string | null;
  readonly rights: Rights;
};

export async function annotated(
  { name, mailbox }: Pick<GetMetadata | SetMetadata, 'name' | 'mailbox'>,
  context: Pick<CommandContext, 'session' | 'attempt'>,
  sharing: Sharing,
): Promise<Annotated | Refused> {
  const { store } = context.session.user;
  if (mailbox === null) return { kind: 'annotated', store, id: SERVER, shown: null, rights: EVERY_RIGHT };
  const found = await sharing.find({ command: name, mailbox }, context);
  if (found.kind === 'refused') return found;
  const { place, rights } = found;
  return { kind: 'annotated', store: place.store, id: found.mailbox.id, shown: place.shown, rights };
}
