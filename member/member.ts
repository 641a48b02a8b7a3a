import type { Logger } from '#runtime/logger.ts';
import type { Stamped } from './commands/stamped.ts';
import type { Condition } from './condition.ts';
import type { Engine } from './engine.ts';
import type { MemoryFile } from './memory/memory-file.ts';
import type { ServerLife } from './server-life.ts';

export type Identity = { readonly cluster: string; readonly partition: string; readonly member: string };

/** Everything a command works on. */
export type Member = {
  readonly identity: Identity;
  readonly engine: Engine;
  readonly memory: MemoryFile;
  readonly condition: Condition;
  readonly server: ServerLife;
  readonly stamped: Stamped;
  readonly log: Logger;
};
