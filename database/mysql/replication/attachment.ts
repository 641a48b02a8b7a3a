import type { Observation } from '../../observation.ts';
import { comparePosition, holdsPosition } from '../../position.ts';

/**
 * Tells when a replica really receives. That it is connected is not enough: an upstream that has purged its log lets it connect, and
 * refuses a moment later. So either something has arrived since the first look, or there was nothing to send.
 */
export function attachment(upstreamPosition: string): (observation: Observation) => boolean {
  let first: string | null = null;
  return ({ replication }) => {
    first ??= replication.received;
    if (replication.upstream?.streaming !== true) return false;
    return comparePosition(replication.received, first) > 0 || holdsPosition(replication.received, upstreamPosition);
  };
}
