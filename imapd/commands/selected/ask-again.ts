import { notPermitted, type Permitted, type Refused, type Sharing } from '../../acl/sharing.ts';
import { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { CommandContext } from '../command-handler.ts';
import { lacking } from './lacking.ts';

type Transferring = { readonly name: 'COPY' | 'MOVE' | 'REPLACE'; readonly mailbox: string };

/**
 * May a command that takes long go on? Rights in either mailbox may have been taken away since it began, and the other one may have
 * been renamed. Nothing is asked for one's own.
 */
export async function askAgain(
  { name, mailbox }: Transferring,
  context: CommandContext,
  sharing: Sharing,
): Promise<Permitted | Refused> {
  const selected = SelectedMailbox.of(context.session);
  await selected.checkRights();
  if (!selected.readable) return notPermitted;
  const lacks = name === 'COPY' ? null : lacking(selected, name);
  if (lacks !== null) return { kind: 'refused', completion: lacks };
  return await sharing.permit({ command: name, mailbox }, context);
}
