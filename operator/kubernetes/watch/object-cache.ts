import type { ApiObject } from '../api/resource.ts';
import { keyOf } from './key-of.ts';

/** `before` is null where the object is new, `after` where it is no more. */
export type Change<T> = { readonly before: T | null; readonly after: T | null };

/** The objects of a kind as last heard of. Pure: says what each piece of news changes. */
export class ObjectCache<T extends ApiObject> {
  readonly #objects = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  put(object: T): readonly Change<T>[] {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key) ?? null;
    if (before !== null && before.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    this.#objects.set(key, object);
    // Deleted and made again behind our back: another object, whoever has its name.
    if (before !== null && before.metadata.uid !== object.metadata.uid)
      return [
        { before, after: null },
        { before: null, after: object },
      ];
    return [{ before, after: object }];
  }

  remove(object: T): readonly Change<T>[] {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    // The last state comes with the news of the deletion.
    return before === undefined ? [] : [{ before: object, after: null }];
  }

  /** A new list of everything: what it lacks was deleted while nobody looked. */
  replaceAll(objects: readonly T[]): readonly Change<T>[] {
    const kept = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    const lost = [...this.#objects.entries()].filter(([key]) => !kept.has(key));
    return [...lost.flatMap(([, object]) => this.remove(object)), ...objects.flatMap((object) => this.put(object))];
  }
}
