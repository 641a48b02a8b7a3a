import type { DatabaseTls } from '#contract/database-tls.ts';
import type { MemberEndpoint } from '#contract/routing-document.ts';

/** Where a job connects to. */
export type Place = {
  readonly endpoint: MemberEndpoint;
  readonly database: string;
  /** Absent: no TLS. */
  readonly tls?: DatabaseTls | undefined;
};

export const CONNECT_MS = 10_000;
/** As the server calls the sessions of a job. */
export const JOB_NAME = 'imapcluster-job';
