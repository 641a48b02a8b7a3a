import { compareLsn } from '../lsn.ts';
import type { TimelineSwitch } from './timeline-history.ts';

/** Where a member's own log ends. `exact` false: at least so far; what lies beyond has not been read. */
export type OwnEnd = {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly position: string;
  readonly exact: boolean;
};

export type UpstreamLog = {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly position: string;
  readonly history: readonly TimelineSwitch[];
};

/**
 * Whether a member may go on from `upstream`: its log must be a beginning of the upstream's. It has diverged where its
 * timeline was left by the upstream's ancestors before its own end.
 */
export function divergence(own: OwnEnd, upstream: UpstreamLog): 'follows' | 'diverged' | 'unknown' {
  if (own.systemIdentifier !== upstream.systemIdentifier) return 'diverged';
  if (own.timeline > upstream.timeline) return 'diverged';
  const left =
    own.timeline === upstream.timeline
      ? upstream.position
      : upstream.history.find((entry) => entry.timeline === own.timeline)?.end;
  if (left === undefined) return 'diverged';
  if (compareLsn(own.position, left) > 0) return 'diverged';
  return own.exact ? 'follows' : 'unknown';
}
