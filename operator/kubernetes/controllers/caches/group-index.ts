/** Values by the group that each belongs to at the moment. Pure. */
export class GroupIndex<T> {
  /** Made when they are asked for, and the same until something changes: some are asked for several times a second. */
  readonly #lists = new Map<string, readonly T[]>();
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #groupOf = new Map<string, string>();

  of(group: string): readonly T[] {
    const members = this.#groups.get(group);
    return members === undefined ? [] : this.#lists.getOrInsertComputed(group, () => [...members.values()]);
  }

  /** @param group null: it is gone, or belongs to none */
  put(key: string, value: T, group: string | null): void {
    const before = this.#groupOf.get(key);
    if (before !== undefined && before !== group) this.#leave(key, before);
    if (group === null) return;
    this.#groupOf.set(key, group);
    this.#lists.delete(group);
    this.#groups.getOrInsertComputed(group, () => new Map()).set(key, value);
  }

  #leave(key: string, group: string): void {
    this.#groupOf.delete(key);
    this.#lists.delete(group);
    const members = this.#groups.get(group);
    members?.delete(key);
    if (members?.size === 0) this.#groups.delete(group);
  }
}
