import type { Observation } from '../../observation.ts';
import { compareLsn } from '../lsn.ts';

/**
 * Tells when a replica really receives. That its upstream agreed to send is not enough: one that has removed the log
 * agrees, and fails a moment later. So either something has arrived since the first look, or there was nothing to send.
 */
export function attachment(upstreamPosition: string): (observation: Observation) => boolean {
  let first: string | null = null;
  return ({ replication }) => {
    first ??= replication.received;
    if (replication.upstream?.streaming !== true) return false;
    return compareLsn(replication.received, first) > 0 || compareLsn(replication.received, upstreamPosition) >= 0;
  };
}
