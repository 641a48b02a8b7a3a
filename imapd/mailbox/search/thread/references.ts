import { detached } from '../../../mime/detached.ts';
import { mergeBySubject } from './merge-by-subject.ts';
import { byLead, type MutableNode } from './mutable-node.ts';
import type { Threadable, ThreadNode } from './thread-node.ts';

/** Ancestors of one message that are looked at, the nearest ones; more is a flood, not a conversation. */
const MOST_REFERENCES = 1000;
/** Generations that are looked through for a loop. Where it might be further up, no link is made. */
const MOST_GENERATIONS = 10_000;

/** A message while ancestries are put together: it knows its parent, and how many call it theirs. */
type Linked = MutableNode & { parent: Linked | null; childCount: number };

/** What a Message ID costs beside its text: a node, its list of children and an entry in a map, in characters. */
const NAMED = 200;

/**
 * THREAD=REFERENCES (RFC 5256, 3); the numbers are those of its steps. Messages are added in the order of the mailbox, so
 * that of each only its place is kept and its ancestors' Message IDs, each once.
 */
export class ReferenceThreads {
  readonly #nodes: Linked[] = [];
  readonly #byId = new Map<string, Linked>();
  #characters = 0;

  /** Characters of all Message IDs that are kept. */
  get characters(): number {
    return this.#characters;
  }

  /** (1) `id` null: the message has no valid one. `references`: from the eldest ancestor to the parent. */
  add(
    content: Threadable,
    { id, references }: { readonly id: string | null; readonly references: readonly string[] },
  ): void {
    const own = this.#nodeOf(content, id);
    let elder: Linked | null = null;
    for (const reference of references.slice(-MOST_REFERENCES)) {
      const younger = this.#named(reference);
      if (elder !== null && younger.parent === null) link(elder, younger); // (A)
      elder = younger;
    }
    if (own.parent !== null) own.parent.childCount -= 1; // (B)
    own.parent = null;
    if (elder !== null) link(elder, own);
  }

  threads(): readonly ThreadNode[] {
    const heads = mergeBySubject(this.#heads().sort(byLead)); // (4) and (5)
    for (const { children } of [...this.#nodes, ...heads]) children.sort(byLead); // (6)
    return heads.sort(byLead);
  }

  /** A Message ID belongs to the first message that has it. */
  #nodeOf(content: Threadable, id: string | null): Linked {
    const known = id === null ? null : this.#named(id);
    const own = known?.content === null ? known : this.#newNode();
    own.content = content;
    return own;
  }

  #named(id: string): Linked {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const made = this.#newNode();
    this.#byId.set(detached(id), made);
    this.#characters += id.length + NAMED;
    return made;
  }

  #newNode(): Linked {
    const made = { content: null, children: [], parent: null, childCount: 0 };
    this.#nodes.push(made);
    return made;
  }

  /**
   * (2) and (3): what has no parent. Children of a dummy go to the nearest ancestor that is none; where there is no such,
   * the eldest dummy stays, unless it has a single child. Children of dummies are sorted, for (4).
   */
  #heads(): MutableNode[] {
    const heads: MutableNode[] = [];
    const passed = new Map<Linked, Linked>();
    for (const node of this.#nodes) {
      if (node.content === null) continue;
      if (node.parent === null) heads.push(node);
      else standIn(node.parent, passed).children.push(node);
    }
    for (const node of this.#nodes) {
      if (node.content !== null || node.children.length === 0) continue;
      const [only] = node.children;
      heads.push(node.children.length === 1 && only !== undefined ? only : node);
      node.children.sort(byLead);
    }
    return heads;
  }
}

/** Never to itself, nor to a descendant: that would be a loop. */
function link(parent: Linked, child: Linked): void {
  if (parent === child || (child.childCount > 0 && mayDescend(parent, child))) return;
  child.parent = parent;
  parent.childCount += 1;
}

function mayDescend(node: Linked, from: Linked): boolean {
  let at: Linked | null = node;
  for (let generations = 0; at !== null; generations++) {
    if (at === from || generations > MOST_GENERATIONS) return true;
    at = at.parent;
  }
  return false;
}

/** The node, or for a dummy the nearest ancestor that is none, or the eldest. `passed` remembers what was found before. */
function standIn(node: Linked, passed: Map<Linked, Linked>): Linked {
  const path: Linked[] = [];
  let at = node;
  while (at.content === null && at.parent !== null) {
    const known = passed.get(at);
    if (known === undefined) path.push(at);
    at = known ?? at.parent;
  }
  for (const dummy of path) passed.set(dummy, at);
  return at;
}
