import type { Sharing } from '../../acl/sharing.ts';
import type { CommandHandler } from '../command-handler.ts';
import { getAcl } from './get-acl.ts';
import { listRights } from './list-rights.ts';
import { myRights } from './my-rights.ts';
import { type ChangingRules, deleteAcl, setAcl } from './set-acl.ts';

/** RFC 4314, 3. */
export const aclCommands = (sharing: Sharing, rules: ChangingRules): readonly CommandHandler[] => [
  setAcl(sharing, rules),
  deleteAcl(sharing, rules),
  getAcl(sharing),
  listRights(sharing),
  myRights(sharing),
];
