import type { ApiObject } from '../../api/resource.ts';

/** Written by us, and not heard of yet. `over`: version in the copy when it was written; null: there was none. */
type Ahead<T> = { readonly object: T; readonly over: string | null };

/**
 * What the server answered to writes of ours. It counts until the watch has caught up: looked at again in the meantime, the
 * object would seem to lack what was just written. Pure.
 */
export class OwnWrites<T extends ApiObject> {
  readonly #ahead = new Map<string, Ahead<T>>();

  /** @param seen what the write was made on top of @param heard what the copy holds by now */
  note(key: string, object: T, { seen, heard }: { readonly seen: T | null; readonly heard: T | undefined }): void {
    const over = versionOf(heard);
    const overWritten = this.#ahead.get(key)?.object;
    // The watch may be quicker than the answer.
    if (over !== versionOf(seen) && versionOf(overWritten) !== versionOf(seen)) return;
    this.#ahead.set(key, { object, over });
  }

  /** The newer of what was written and what was heard. */
  newest(key: string, heard: T | undefined): T | undefined {
    const ahead = this.#ahead.get(key);
    if (ahead === undefined) return heard;
    if (versionOf(heard) === ahead.over) return ahead.object;
    this.#ahead.delete(key);
    return heard;
  }

  /** Something new was heard of it. */
  heard(key: string): void {
    this.#ahead.delete(key);
  }
}

const versionOf = (object: ApiObject | null | undefined): string | null => object?.metadata.resourceVersion ?? null;
