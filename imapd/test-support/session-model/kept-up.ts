import { numbersOf, type Range } from '../response-grammar/numbers.ts';

type Results = ReadonlyMap<string, number | readonly Range[]>;

/** Searches by UID whose results the server keeps up (RFC 5267), as a client knows them that believes it. */
export class KeptUp {
  readonly #searches = new Map<string, { readonly key: string; readonly uids: Set<number> }>();

  get all(): readonly { readonly key: string; readonly uids: readonly number[] }[] {
    return Array.from(this.#searches.values(), ({ key, uids }) => ({ key, uids: [...uids].sort((a, b) => a - b) }));
  }

  /** A command has asked for it; what it finds comes by `take`. */
  begin(tag: string, key: string): void {
    this.#searches.set(tag, { key, uids: new Set() });
  }

  /** The server has refused to (NOUPDATE). */
  drop(tag: string): void {
    this.#searches.delete(tag);
  }

  /** Another mailbox is selected. */
  forget(): void {
    this.#searches.clear();
  }

  take(tag: string, results: Results, violates: (what: string) => void): void {
    const search = this.#searches.get(tag);
    if (search === undefined) {
      if (results.has('ADDTO') || results.has('REMOVEFROM')) violates(`results of ${tag}, which is not kept up`);
      return;
    }
    for (const uid of numbersIn(results, 'ALL')) search.uids.add(uid);
    for (const uid of numbersIn(results, 'REMOVEFROM')) {
      if (!search.uids.delete(uid)) violates(`UID ${uid} leaves the results of ${tag} without being in them`);
    }
    for (const uid of numbersIn(results, 'ADDTO')) {
      if (search.uids.has(uid)) violates(`UID ${uid} comes into the results of ${tag} a second time`);
      search.uids.add(uid);
    }
  }
}

function numbersIn(results: Results, name: string): readonly number[] {
  const found = results.get(name);
  return typeof found === 'object' ? [...numbersOf(found)] : [];
}
