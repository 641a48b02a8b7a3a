import type { Agent } from 'node:http';
import type { CliError } from '../cli-error.ts';

/** One side of a cluster that answers over HTTP, wherever it is reached. */
export type HttpPeer = {
  readonly agent: Agent;
  /** What stands in the place of `/v1` there. */
  readonly beginning: () => Promise<string>;
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** A failure of the network, for a person. */
  readonly unreachable: (cause: NodeJS.ErrnoException) => CliError;
  /**
   * Whether another connection leads to another process, which may do better than one that was lost: then a message whose
   * fate is unknown is to be sent again, and whoever does not lead is looked for anew.
   */
  readonly hasOthers: boolean;
};
