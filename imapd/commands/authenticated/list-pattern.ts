import { canonicalInbox } from '../../protocol/mailbox-name.ts';

const SEPARATOR = '/';
const ANY = '*';
const ANY_OF_LEVEL = '%';
const WILDCARD = /[*%]/;

/**
 * The pattern of a LIST with its reference put before it (RFC 3501, 6.3.8): `*` stands for anything, `%` for anything
 * within one level. Matching costs at most pattern × name steps, whatever the pattern: clients choose it.
 */
export class ListPattern {
  readonly #pattern: string;
  readonly #anyCase: string;
  readonly #literal: boolean;

  constructor(reference: string, pattern: string) {
    this.#pattern = canonicalInbox(reference + pattern).replace(/\*[*%]+|%+\*[*%]*/g, ANY);
    this.#anyCase = this.#pattern.toUpperCase();
    this.#literal = !WILDCARD.test(this.#pattern);
  }

  /** Levels of hierarchy that are no mailboxes are asked for too. */
  get asksForLevels(): boolean {
    return this.#pattern.endsWith(ANY_OF_LEVEL);
  }

  /** Can it match a name below a level, or the level itself? */
  mayMatchBelow(level: string): boolean {
    const wildcard = this.#pattern.search(WILDCARD);
    if (wildcard < 0) return this.#pattern.startsWith(`${level}${SEPARATOR}`) || this.#pattern === level;
    const before = this.#pattern.slice(0, wildcard);
    return before.startsWith(`${level}${SEPARATOR}`) || `${level}${SEPARATOR}`.startsWith(before);
  }

  /** INBOX is matched in any case, all other names as they are. */
  matches(name: string): boolean {
    if (this.#literal) return this.#pattern === name;
    return wildcardMatch(this.#pattern, name) || (name === 'INBOX' && wildcardMatch(this.#anyCase, name));
  }
}

/** Follows all ways through the pattern at once: `open[p]` = the name so far can end before `pattern[p]`. */
function wildcardMatch(pattern: string, name: string): boolean {
  let open = new Uint8Array(pattern.length + 1);
  open[0] = 1;
  passWildcards(pattern, open);
  for (const character of name.split('')) {
    const next = new Uint8Array(pattern.length + 1);
    let alive = false;
    for (let at = 0; at < pattern.length; at++) {
      const to = open[at] === 1 ? step(pattern[at] ?? '', character, at) : null;
      if (to === null) continue;
      next[to] = 1;
      alive = true;
    }
    if (!alive) return false;
    passWildcards(pattern, next);
    open = next;
  }
  return open[pattern.length] === 1;
}

/** Where reading `character` leads from `at`; null where it leads nowhere. */
function step(token: string, character: string, at: number): number | null {
  if (token === ANY) return at;
  if (token === ANY_OF_LEVEL) return character === SEPARATOR ? null : at;
  return token === character ? at + 1 : null;
}

/** A wildcard may stand for nothing. */
function passWildcards(pattern: string, open: Uint8Array): void {
  for (let at = 0; at < pattern.length; at++) {
    if (open[at] === 1 && WILDCARD.test(pattern[at] ?? '')) open[at + 1] = 1;
  }
}
