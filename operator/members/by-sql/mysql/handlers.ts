import { type SqlHandlers, withoutAgent } from '../carry-out.ts';
import { adopt } from './commands/adopt.ts';
import { catchUp } from './commands/catch-up.ts';
import { detach } from './commands/detach.ts';
import { fence, openForSalvage } from './commands/fence.ts';
import { follow } from './commands/follow.ts';
import { grant } from './commands/grant.ts';
import { keepFor } from './commands/keep-for.ts';
import { promote } from './commands/promote.ts';
import { rebuild } from './commands/rebuild.ts';
import { setSynchronous } from './commands/set-synchronous.ts';
import { stamp } from './commands/stamp.ts';
import type { MysqlContext } from './context.ts';

export const handlers: SqlHandlers<MysqlContext> = {
  ...withoutAgent,
  initialize: adopt,
  clone: rebuild,
  rewind: rebuild,
  follow,
  detach,
  catchUp,
  promote,
  setSynchronous,
  stamp,
  grant,
  fence,
  openForSalvage,
  keepFor,
};
