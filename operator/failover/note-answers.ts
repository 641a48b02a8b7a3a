import type { PartitionRecord } from '../partition/record.ts';
import type { LagTracker } from './observation/lag-tracker.ts';
import type { PodObservation } from './observation/observation.ts';

type Moment = {
  readonly record: Pick<PartitionRecord, 'servedEpoch'>;
  readonly pods: readonly PodObservation[];
  /** Monotonic milliseconds. */
  readonly now: number;
};

/** What imapd processes saw of the primary under the epoch that it serves. */
export function noteAnswers(lag: LagTracker, { record, pods, now }: Moment): void {
  for (const { epoch, ageMs, writerReachable, writerSilentMs } of pods) {
    // Who does not say since when (it is of an older version) may have had an answer right before it said so.
    const silentMs = writerSilentMs ?? (writerReachable === true ? 0 : null);
    if (epoch === record.servedEpoch && silentMs !== null) lag.noteAnswered(now - ageMs - silentMs);
  }
}
