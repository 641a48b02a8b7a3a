import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReferenceThreads } from './references.ts';
import { threadable } from './test-support/threadable.ts';
import { threadResponse } from './thread-response.ts';

type Mail = {
  readonly id: string | null;
  readonly references: readonly string[];
  readonly date: number;
  readonly subject: string;
  readonly replyOrForward: boolean;
};

const mail = (id: string | null, references: string[] = [], rest: Partial<Mail> = {}): Mail => ({
  ...{ id, references, date: 0, subject: '', replyOrForward: false },
  ...rest,
});

function threads(mails: readonly Mail[]): string {
  const references = new ReferenceThreads();
  for (const [i, one] of mails.entries()) references.add(threadable(i + 1, one), one);
  return threadResponse(references.threads(), false).trim().slice('* THREAD'.length).trim();
}

/** RFC 5256, 3, step by step as it is written, without regard to cost. */
type Container = { mail: (Mail & { readonly n: number }) | null; parent: Container | null; children: Container[] };

function naive(mails: readonly Mail[]): string {
  const all: Container[] = [];
  const table = new Map<string, Container>();
  const make = (): Container => {
    const made: Container = { mail: null, parent: null, children: [] };
    all.push(made);
    return made;
  };
  const named = (id: string): Container => {
    const found = table.get(id) ?? make();
    table.set(id, found);
    return found;
  };
  const descends = (node: Container, from: Container): boolean =>
    node === from || from.children.some((child) => descends(node, child));
  const detach = (node: Container): void => {
    if (node.parent !== null) node.parent.children = node.parent.children.filter((child) => child !== node);
    node.parent = null;
  };
  const link = (parent: Container, child: Container): void => {
    if (descends(parent, child)) return;
    child.parent = parent;
    parent.children.push(child);
  };
  for (const [i, one] of mails.entries()) {
    let own = one.id === null ? make() : named(one.id);
    if (own.mail !== null) own = make();
    own.mail = { ...one, n: i + 1 };
    const chain = one.references.map(named);
    for (let k = 1; k < chain.length; k++) if (chain[k]!.parent === null) link(chain[k - 1]!, chain[k]!);
    detach(own);
    if (chain.length > 0) link(chain.at(-1)!, own);
  }
  const prune = (nodes: Container[], atRoot: boolean): Container[] =>
    nodes.flatMap((node) => {
      node.children = prune(node.children, false);
      if (node.mail !== null || (atRoot && node.children.length > 1)) return [node];
      return node.children;
    });
  const lead = (node: Container) => node.mail ?? node.children[0]!.mail!;
  const order = (a: Container, b: Container): number => lead(a).date - lead(b).date || lead(a).n - lead(b).n;
  let root = prune(
    all.filter((node) => node.parent === null),
    true,
  );
  for (const node of root) if (node.mail === null) node.children.sort(order);
  root.sort(order);
  const subjects = new Map<string, Container>();
  for (const node of root) {
    const { subject } = lead(node);
    if (subject === '') continue;
    const known = subjects.get(subject);
    const replaces =
      known !== undefined &&
      known.mail !== null &&
      (node.mail === null || (known.mail.replyOrForward && !node.mail.replyOrForward));
    if (known === undefined || replaces) subjects.set(subject, node);
  }
  for (const node of [...root]) {
    const { subject } = lead(node);
    const known = subjects.get(subject);
    if (subject === '' || known === undefined || known === node) continue;
    root = root.filter((other) => other !== node);
    if (known.mail === null && node.mail === null) known.children.push(...node.children);
    else if (known.mail === null) known.children.push(node);
    else if (node.mail!.replyOrForward && !known.mail.replyOrForward) known.children.push(node);
    else {
      const dummy: Container = { mail: null, parent: null, children: [node, known] };
      root = [...root.filter((other) => other !== known), dummy];
      subjects.set(subject, dummy);
    }
  }
  const sortAll = (nodes: Container[]): void => {
    for (const node of nodes) sortAll(node.children);
    nodes.sort(order);
  };
  sortAll(root);
  const inner = (node: Container): string => {
    const own = node.mail === null ? '' : String(node.mail.n);
    if (node.children.length === 0) return own;
    if (node.mail !== null && node.children.length === 1) return `${own} ${inner(node.children[0]!)}`;
    return `${own}${own === '' ? '' : ' '}${node.children.map((child) => `(${inner(child)})`).join('')}`;
  };
  return root.map((node) => `(${inner(node)})`).join('');
}

describe('ReferenceThreads', () => {
  it('finds ancestors through messages that are not there', () => {
    expect(threads([mail('a'), mail('c', ['a', 'b']), mail('d', ['a', 'b', 'c'])])).toBe('(1 2 3)');
    expect(threads([mail('c', ['a']), mail('d', ['a'])])).toBe('((1)(2))');
    expect(threads([mail('c', ['a', 'b'])])).toBe('(1)');
  });

  it('believes the message itself more than those that speak of it', () => {
    expect(threads([mail('a'), mail('b'), mail('d', ['b', 'c']), mail('c', ['a'])])).toBe('(1 4 3)(2)');
  });

  it('makes no loop', () => {
    expect(threads([mail('a', ['b']), mail('b', ['a'])])).toBe('(2 1)');
    expect(threads([mail('a', ['a'])])).toBe('(1)');
  });

  it('gives a Message ID to the first that has it', () => {
    expect(threads([mail('a'), mail('a'), mail('b', ['a'])])).toBe('(1 3)(2)');
  });

  it('puts subjects together: a reply below what it may reply to, others beside one another', () => {
    const lunch = { subject: 'LUNCH' };
    const reply = { ...lunch, replyOrForward: true };
    expect(threads([mail('a', [], lunch), mail('b', [], reply)])).toBe('(1 2)');
    expect(threads([mail('a', [], reply), mail('b', [], lunch)])).toBe('(2 1)');
    expect(threads([mail('a', [], lunch), mail('b', [], lunch)])).toBe('((1)(2))');
    expect(threads([mail('a'), mail('b')])).toBe('(1)(2)');
  });

  it('does what the RFC says', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
    const anyMail = fc.record({
      id: fc.option(id),
      references: fc.array(id, { maxLength: 4 }),
      date: fc.integer({ min: 0, max: 4 }),
      subject: fc.constantFrom('', 'X', 'Y'),
      replyOrForward: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 9 }), (mails) => {
        expect(threads(mails)).toBe(naive(mails));
      }),
      { numRuns: 5000 },
    );
  });

  it('costs little in a conversation of 100,000, however it is referred to', () => {
    const began = performance.now();
    const forwards = Array.from({ length: 100_000 }, (_, i) => mail(`${i}`, [`${i - 2}`, `${i - 1}`]));
    const backwards = forwards.toReversed();
    expect(threads(forwards)).toMatch(/^\(1 2 3 .* 100000\)$/);
    expect(threads(backwards)).toMatch(/^\(100000 99999 .* 1\)$/);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
