import { pause } from '#runtime/deadline.ts';
import type { WireClient } from '../wire-client.ts';
import type { Look, Mark, MarkSession } from './marks.ts';

export type Scene = {
  readonly primary: MarkSession;
  readonly replicas: readonly MarkSession[];
  /** One writer each, signed in. */
  readonly writers: readonly WireClient[];
};

export type Followed = {
  readonly marks: readonly Mark[];
  /** By replica. */
  readonly looks: readonly (readonly Look[])[];
  readonly appendsPerSecond: number;
};

const MESSAGE_BYTES = 1_024;
/** Load before the first mark. */
const WARM_UP_MS = 2_000;
const MARKS_FOR_MS = 20_000;
const MARK_EVERY_MS = 10;
const LOOK_EVERY_MS = 1;

/** Writes marks while the writers append, and looks at the replicas until each has shown the last one. */
export async function followMarks({ primary, replicas, writers }: Scene, signal: AbortSignal): Promise<Followed> {
  const load = new AbortController();
  let last = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  let loadMs = 0;
  const writeAll = async (): Promise<readonly Mark[]> => {
    try {
      await pause(WARM_UP_MS, signal);
      const marks = await writeMarks(primary, signal);
      last = marks.length;
      return marks;
    } finally {
      loadMs = performance.now() - begun;
      load.abort();
    }
  };
  const [marks, looks, appended] = await Promise.all([
    writeAll(),
    Promise.all(replicas.map((replica) => lookUntil(replica, ({ newest }) => newest >= last))),
    Promise.all(writers.map((writer) => appendUntil(writer, load.signal))),
  ]);
  const appends = appended.reduce((sum, n) => sum + n, 0);
  return { marks, looks, appendsPerSecond: (appends / loadMs) * 1_000 };
}

/** One after the other, for a COMMIT to wait behind no other mark; those that one held up are left out, not made up for. */
async function writeMarks(primary: MarkSession, signal: AbortSignal): Promise<readonly Mark[]> {
  const marks: Mark[] = [];
  const until = performance.now() + MARKS_FOR_MS;
  for (let due = performance.now(); due < until; due = Math.max(due + MARK_EVERY_MS, performance.now())) {
    await pause(Math.max(0, due - performance.now()), signal);
    signal.throwIfAborted();
    marks.push(await primary.write(marks.length + 1));
  }
  return marks;
}

async function lookUntil(replica: MarkSession, enough: (look: Look) => boolean): Promise<readonly Look[]> {
  const looks: Look[] = [];
  for (;;) {
    const look = await replica.look();
    looks.push(look);
    if (enough(look)) return looks;
    await pause(LOOK_EVERY_MS);
  }
}

async function appendUntil(writer: WireClient, end: AbortSignal): Promise<number> {
  let appended = 0;
  for (; !end.aborted; appended++) await writer.append('INBOX', MESSAGE_BYTES);
  return appended;
}
