import type { Found } from '../run-search.ts';
import type { ThreadNode } from './thread-node.ts';

/** The untagged response to THREAD or UID THREAD, with its line end (RFC 5256, BASE.7.2.THREAD). */
export function threadResponse(threads: readonly ThreadNode[], uid: boolean): string {
  const text = threadsText(threads, (message) => message[uid ? 'uid' : 'sequence']);
  return `* THREAD${text === '' ? '' : ` ${text}`}\r\n`;
}

/** Without recursion: conversations may be as deep as a mailbox is large. */
function threadsText(threads: readonly ThreadNode[], idOf: (message: Found) => number): string {
  const pieces: string[] = [];
  const left: (ThreadNode | string)[] = [];
  const split = (nodes: readonly ThreadNode[]): void => {
    for (const node of nodes.toReversed()) left.push(')', node, '(');
  };
  split(threads);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') pieces.push(next);
    else {
      const line = lineOf(next);
      const ids = line.flatMap(({ content }) => (content === null ? [] : [idOf(content.message)]));
      const below = line.at(-1)?.children ?? [];
      pieces.push(ids.join(' '), ids.length > 0 && below.length > 0 ? ' ' : '');
      split(below);
    }
  }
  return pieces.join('');
}

/** A node and its descendants as long as each has one child. */
function lineOf(node: ThreadNode): readonly ThreadNode[] {
  const line = [node];
  for (let [only, second] = node.children; only !== undefined && second === undefined; [only, second] = only.children) {
    line.push(only);
  }
  return line;
}
