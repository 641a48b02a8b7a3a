import type { MemberEndpoint } from '#contract/routing-document.ts';

/** Where a job connects to. */
export type Place = { readonly endpoint: MemberEndpoint; readonly database: string };

export const CONNECT_MS = 10_000;
/** As the server calls the sessions of a job. */
export const JOB_NAME = 'imapcluster-job';
