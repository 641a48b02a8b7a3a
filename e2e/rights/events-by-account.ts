import type { AuditEvent } from '../clusters/local/control-plane/audit-log.ts';
import { type ServiceAccount, serviceAccountOf } from './service-account.ts';

export type AccountEvents = { readonly account: ServiceAccount; readonly events: readonly AuditEvent[] };

/** Where the controllers of Kubernetes have theirs, and what a cluster needs besides, such as its name service. */
const OF_KUBERNETES = /^kube-/;

/** What each service account has asked for, without those of Kubernetes itself; in the order of their first requests. */
export function eventsByAccount(events: readonly AuditEvent[]): readonly AccountEvents[] {
  const byName = Map.groupBy(events, ({ user }) => user.username);
  return [...byName].flatMap(([username, own]) => {
    const account = serviceAccountOf(username);
    return account === null || OF_KUBERNETES.test(account.namespace) ? [] : [{ account, events: own }];
  });
}
