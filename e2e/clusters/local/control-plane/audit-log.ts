import { createReadStream } from 'node:fs';
import { linesOf } from '#runtime/lines-of.ts';

/** What an API server writes down of one request (audit.k8s.io/v1), as far as it is of use here. */
export type AuditEvent = {
  /** "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection". */
  readonly verb: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly requestURI: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly apiVersion?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  /** `authorization.k8s.io/decision`: "allow" or "forbid"; not there where nobody came to decide. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** ISO 8601, microseconds. */
  readonly requestReceivedTimestamp: string;
  /** At level Request and above. */
  readonly requestObject?: unknown;
};

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Whether a request could have changed something. */
export function isWrite({ verb }: AuditEvent): boolean {
  return !READS.has(verb);
}

/** What was decided by the rights of whoever asked. 403 is also answered in a namespace that is being deleted. */
export const decisionOf = ({ annotations }: AuditEvent): string | undefined =>
  annotations?.['authorization.k8s.io/decision'];

/** All that has been written down so far; a watch appears when it has ended. A line that is still being written is not there yet. */
export async function readAuditLog(file: string): Promise<readonly AuditEvent[]> {
  return await Array.fromAsync(linesOf(createReadStream(file)), (line) => JSON.parse(line) as AuditEvent);
}
