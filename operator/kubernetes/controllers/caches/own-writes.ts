import type { ApiObject } from '../../api/resource.ts';
import { keyOf } from '../../watch/key-of.ts';

/**
 * What the server answered to writes of ours. It counts until the watch has come past it: looked at again in the meantime,
 * the object would seem to lack what was just written. Pure.
 *
 * The API server counts versions up, over all objects of a kind: whichever is higher is newer, and a watch that has come to
 * one has told of all below it, deletions too. An answer may come later than all of that.
 */
export class OwnWrites<T extends ApiObject> {
  readonly #ahead = new Map<string, T>();

  /** By `keyOf`, as everything here. */
  written(object: T): void {
    const key = keyOf(object.metadata);
    const before = this.#ahead.get(key);
    if (before === undefined || isNewer(object, versionOf(before))) this.#ahead.set(key, object);
  }

  /** Whether something was written that the watch may not be past yet: else what is heard counts. */
  has(key: string): boolean {
    return this.#ahead.has(key);
  }

  /** The newer of what was written and what was heard. @param reached the version that the watch has come to; null: none yet */
  newest(key: string, heard: T | undefined, reached: string | null): T | undefined {
    const ahead = this.#ahead.get(key);
    if (ahead === undefined) return heard;
    if (isNewer(ahead, versionOf(heard)) && isNewer(ahead, reached)) return ahead;
    this.#ahead.delete(key);
    return heard;
  }
}

const DIGITS = /^\d+$/;

/** What cannot be compared is not newer: of that the watch alone tells. */
function isNewer(object: ApiObject, than: string | null): boolean {
  const version = versionOf(object);
  if (version === null || !DIGITS.test(version)) return false;
  if (than === null) return true;
  return DIGITS.test(than) && BigInt(version) > BigInt(than);
}

const versionOf = (object: ApiObject | undefined): string | null => object?.metadata.resourceVersion ?? null;
