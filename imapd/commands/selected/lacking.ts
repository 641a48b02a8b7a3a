import { meets, requirementOf } from '../../acl/required-rights.ts';
import { notPermitted } from '../../acl/sharing.ts';
import type { SelectedMailbox } from '../../mailbox/selected-mailbox.ts';
import type { CommandName } from '../../protocol/command.ts';
import { type Completion, no } from '../completion.ts';

/** Why a command that changes messages may not change those of the selected mailbox; null: it may. */
export function lacking({ readOnly, rights }: SelectedMailbox, command: CommandName): Completion | null {
  if (readOnly) return no('The mailbox is selected read-only', 'READ-ONLY');
  return meets(rights, requirementOf(command, 'selected')) ? null : notPermitted.completion;
}
