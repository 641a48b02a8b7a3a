import type { ServerExit } from './supervisor.ts';

/** The sentence behind `FATAL:` or `PANIC:`, without time and process number, which differ from one attempt to the next. */
const LAST_SENTENCE = /(?:PANIC|FATAL): .*/;

/** What two ends have in common that are one trouble; null for an end that is told of each time. */
export function storyOfExit(exit: ServerExit, wasReady: boolean): string | null {
  if (exit.cause !== null) return exit.cause;
  if (wasReady) return null;
  const sentences = exit.lastLog.flatMap((line) => LAST_SENTENCE.exec(line)?.[0] ?? []);
  return JSON.stringify([exit.code, exit.signal, sentences.at(-1)]);
}

/** A server that cannot start is tried for ever; a log that says so each time buries what else there is to read. */
const REPEAT_MS = 60_000;

/** Tells what is new from what was said a moment ago. */
export class ToldStories {
  #last: { readonly story: string; readonly at: number } | null = null;

  /** @param now monotonic milliseconds */
  isNews(story: string | null, now: number): boolean {
    if (story !== null && this.#last?.story === story && now - this.#last.at < REPEAT_MS) return false;
    this.#last = story === null ? null : { story, at: now };
    return true;
  }
}
