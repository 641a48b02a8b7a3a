import type { Sharing } from '../../acl/sharing.ts';
import type { CommandHandler } from '../command-handler.ts';
import type { Administration } from '../quota/quota-root.ts';
import { getAcl } from './get-acl.ts';
import { listRights } from './list-rights.ts';
import { myRights } from './my-rights.ts';
import { deleteAcl, setAcl } from './set-acl.ts';

/** RFC 4314, 3. */
export const aclCommands = (sharing: Sharing, administration: Administration): readonly CommandHandler[] => [
  setAcl(sharing, administration),
  deleteAcl(sharing, administration),
  getAcl(sharing),
  listRights(sharing),
  myRights(sharing),
];
