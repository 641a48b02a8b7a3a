import type { CommandResult, MemberCommand, MemberCommandKind } from '#contract/agent-command.ts';
import { Impossible } from '#database/impossible.ts';
import { adopt } from './commands/adopt.ts';
import { catchUp } from './commands/catch-up.ts';
import { detach } from './commands/detach.ts';
import { fence } from './commands/fence.ts';
import { follow } from './commands/follow.ts';
import { grant } from './commands/grant.ts';
import { keepFor } from './commands/keep-for.ts';
import { promote } from './commands/promote.ts';
import { rebuild } from './commands/rebuild.ts';
import { setSynchronous } from './commands/set-synchronous.ts';
import { stamp } from './commands/stamp.ts';
import type { SqlAnswer, SqlContext, SqlHandler } from './sql-context.ts';

/** Only whoever runs a server can stop it; the core does without. */
const stop: SqlHandler<'stop'> = () => {
  throw new Impossible('NotBySql', 'a server that somebody else runs cannot be stopped by SQL');
};

/** Before a planned change, of which there is none here. */
const checkpoint: SqlHandler<'checkpoint'> = () => {
  throw new Impossible('NotBySql', 'servers that somebody else runs write out what is dirty when they want to');
};

/** Addresses for the isolation rule: without an agent there is nobody to obey it. */
const setPeers: SqlHandler<'setPeers'> = async () => ({});

type Handlers = {
  readonly [K in MemberCommandKind]: (
    command: Extract<MemberCommand, { kind: K }>,
    context: SqlContext,
  ) => Promise<SqlAnswer>;
};

const handlers: Handlers = {
  initialize: adopt,
  clone: rebuild,
  rewind: rebuild,
  follow,
  detach,
  catchUp,
  checkpoint,
  promote,
  setSynchronous,
  stamp,
  grant,
  fence,
  openForSalvage: fence,
  stop,
  keepFor,
  setPeers,
};

/** @throws Impossible where SQL cannot do it */
export async function carryOutBySql(command: MemberCommand, context: SqlContext): Promise<CommandResult> {
  const handler = handlers[command.kind];
  return { kind: command.kind, ...(await handler(command as never, context)) };
}
