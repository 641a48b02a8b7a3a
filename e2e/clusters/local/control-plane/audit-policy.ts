import { stringify } from 'yaml';

/** How much of a request is written down: who and what, or the objects too. */
export type AuditLevel = 'Metadata' | 'Request' | 'RequestResponse';

/** Every request, once, when it has been answered. */
export function auditPolicy(level: AuditLevel): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted'],
    omitManagedFields: true,
    rules: [{ level }],
  });
}
