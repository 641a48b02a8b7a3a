import type { HistoryEvent } from '../checker/history.ts';

/** Collects a run's history on one monotonic clock (ms). */
export type Recorder = {
  now(): number;
  add(event: HistoryEvent): void;
  /** A request is about to leave. Until its answer is noted it counts as never answered. */
  request(client: string, name: string): Pending;
  readonly events: readonly HistoryEvent[];
};

export type Pending = {
  readonly begun: number;
  /** The tagged answer was read; gives back when. */
  answered(): number;
};

export function createRecorder(now: () => number): Recorder {
  const events: HistoryEvent[] = [];
  let requests = 0;
  return {
    now,
    add: (event) => void events.push(event),
    request(client, name) {
      const [id, begun] = [requests++, now()];
      events.push({ kind: 'request', id, client, name, at: begun });
      return {
        begun,
        answered() {
          const at = now();
          events.push({ kind: 'answer', id, at });
          return at;
        },
      };
    },
    events,
  };
}
