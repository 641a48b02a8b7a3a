import type { Flavour } from '#database/mysql/flavour.ts';
import type { Progress } from '../../engine.ts';
import type { Identity } from '../../member.ts';
import type { Upstream } from '../../memory/memory.ts';
import type { Passwords } from '../../passwords.ts';
import type { ServerPrograms } from '../server-programs.ts';

export type CopyRequest = {
  readonly flavour: Flavour;
  readonly programs: ServerPrograms;
  readonly passwords: Passwords;
  /** What the owner has set of the member's server. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whose data is copied: the upstream's, or those of a replica of it. */
  readonly donor: Upstream;
  /** Of the donor's agent, where that is known. */
  readonly agentUrl: string | null;
  /** Who the copy is for, to whoever asks: and the token of agents. */
  readonly asker: Identity & { readonly token: string };
  /** Folders on the volume of the data. `incoming` is empty, and to hold the copy; `aside` is not there, and is removed after. */
  readonly incoming: string;
  readonly aside: string;
  /** For servers that run while data is made: they listen nowhere else. */
  readonly socketPath: string;
  readonly temporaryDirectory: string;
  /** To be told each time something has come, or the copy counts as stalled. */
  readonly progress: Progress;
  /** When it fires no process may be left that works in one of the folders. */
  readonly signal: AbortSignal;
};

/** What is asked before anything is made room for. */
export type CopyQuestion = Pick<CopyRequest, 'programs' | 'passwords' | 'donor' | 'agentUrl' | 'asker' | 'signal'>;

export type Copied = {
  /** What the copy holds of the log, where a server that starts on it cannot tell by itself (MariaDB); else null. */
  readonly position: string | null;
};
