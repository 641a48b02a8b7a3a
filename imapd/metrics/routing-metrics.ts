import type { RoutingObserver } from '../routing/observer.ts';
import type { OpenRepository } from '../routing/open-repository.ts';
import type { MetricSet } from './metric-set.ts';

/** Counts what routing tells. */
export function routingMetrics(metrics: MetricSet): RoutingObserver {
  return {
    holdEnded: (partition, { heldMs, outcome }) =>
      metrics.observe('imapd_hold_duration_seconds', { partition, outcome }, heldMs / 1000),
    read: (partition, note) => metrics.count('imapd_reads_total', { partition, ...note }),
    contentRead(partition, { source, member, bytes, fallback }) {
      metrics.count('imapd_reads_total', { partition, class: 'content', source });
      metrics.count('imapd_content_reads_total', { partition, source, fallback: fallback ?? 'none' });
      metrics.count('imapd_content_read_bytes_total', { partition, source, member }, bytes);
    },
    searched(partition, { excluded, passed, missing, made }) {
      const counted = { excluded, passed, missing, made: made.length };
      for (const [signature, messages] of Object.entries(counted)) {
        if (messages > 0) metrics.count('imapd_search_signatures_total', { partition, signature }, messages);
      }
    },
    signaturesDropped: (partition, messages) =>
      metrics.count('imapd_search_signatures_total', { partition, signature: 'dropped' }, messages),
    retried: (partition, kind) => metrics.count('imapd_retries_total', { partition, kind }),
  };
}

/** Gauges of what may be gone when they are next read. */
const perRepository = [
  'imapd_pool_connections',
  'imapd_pool_waiting',
  'imapd_epoch',
  'imapd_holds',
  'imapd_writer_reachable',
  'imapd_write_lease_seconds',
  'imapd_replica_age_seconds',
] as const;

/** Writes down how the repositories stand, right before the metrics are read. */
export function noteRepositories(
  metrics: MetricSet,
  routing: { readonly version: number; readonly repositories: Iterable<OpenRepository> },
): void {
  for (const name of perRepository) metrics.clear(name);
  metrics.set('imapd_routing_version', {}, routing.version);
  for (const { partition, view, poolUses, readers } of routing.repositories) {
    metrics.set('imapd_epoch', { partition }, view.epoch);
    metrics.set('imapd_holds', { partition }, view.held);
    metrics.set('imapd_writer_reachable', { partition }, view.writerReachable === true ? 1 : 0);
    if (view.leaseRemainingMs !== null) {
      metrics.set('imapd_write_lease_seconds', { partition }, view.leaseRemainingMs / 1000);
    }
    for (const { name: member, ageMs } of readers) {
      metrics.set('imapd_replica_age_seconds', { partition, member }, ageMs === null ? Number.NaN : ageMs / 1000);
    }
    for (const { member, role, open, waiting } of poolUses) {
      metrics.set('imapd_pool_connections', { partition, member, role }, open);
      metrics.set('imapd_pool_waiting', { partition, member, role }, waiting);
    }
  }
}
