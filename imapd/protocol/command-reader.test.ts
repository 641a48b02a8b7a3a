import { describe, expect, it } from 'vitest';
import { CommandReader, type Received } from './command-reader.ts';
import { withLimits } from './limits.ts';

/** A reader of these chunks, with what it asked of the client and how many chunks it has taken. */
function readerOf(...chunks: string[]) {
  const seen = { continuations: 0, taken: 0 };
  async function* source() {
    for (const chunk of chunks) {
      seen.taken++;
      yield Buffer.from(chunk);
    }
  }
  const sendContinuation = () => {
    seen.continuations++;
  };
  const reader = new CommandReader({ source: source(), limits: withLimits({}), sendContinuation });
  reader.signedIn();
  return { reader, seen };
}

function literalOf(received: Received | null) {
  if (received?.kind !== 'append') throw new Error(`expected an APPEND, not ${received?.kind}`);
  return received.literal;
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

describe('CommandReader', () => {
  it('reads commands until the client closes, and asks for literals', async () => {
    const { reader, seen } = readerOf('a LOGIN {1}\r\n', 'x y\r\nb NO', 'OP\r\n');
    expect(await reader.next()).toEqual({ kind: 'command', bytes: Buffer.from('a LOGIN {1}\r\nx y') });
    expect(await reader.next()).toEqual({ kind: 'command', bytes: Buffer.from('b NOOP') });
    expect(await reader.next()).toBeNull();
    expect(seen.continuations).toBe(1);
  });

  it('takes no more of a message than its consumer does', async () => {
    const { reader, seen } = readerOf('a APPEND x {6}\r\n', 'ab', 'cd', 'ef\r\n');
    const literal = literalOf(await reader.next());
    expect(seen).toEqual({ continuations: 0, taken: 1 });
    const chunks = literal.read()[Symbol.asyncIterator]();
    expect((await chunks.next()).value.toString()).toBe('ab');
    expect(seen).toEqual({ continuations: 1, taken: 2 });
    expect((await chunks.next()).value.toString()).toBe('cd');
    expect((await chunks.next()).value.toString()).toBe('ef');
    expect((await chunks.next()).done).toBe(true);
    expect(await literal.after()).toEqual({ kind: 'end', bytes: Buffer.alloc(0) });
  });

  it('throws away what a consumer leaves of a message', async () => {
    const { reader } = readerOf('a APPEND x {6+}\r\nab', 'cd', 'ef\r\nb NOOP\r\n');
    const literal = literalOf(await reader.next());
    for await (const chunk of literal.read()) {
      expect(chunk.toString()).toBe('ab');
      break;
    }
    expect((await literal.after())?.kind).toBe('end');
    expect((await reader.next())?.kind).toBe('command');
  });

  it('gives the messages of MULTIAPPEND one after another', async () => {
    const { reader } = readerOf('a APPEND x {1+}\r\n1 (\\Seen) {1+}\r\n2\r\n');
    const first = literalOf(await reader.next());
    expect(await textOf(first.read())).toBe('1');
    const next = await first.after();
    if (next?.kind !== 'next') throw new Error('expected a further message');
    expect(next.bytes.toString()).toBe(' (\\Seen) {1+}');
    expect(await textOf(next.literal.read())).toBe('2');
    expect((await next.literal.after())?.kind).toBe('end');
  });

  it('skips a refused message and says so', async () => {
    const { reader, seen } = readerOf('a APPEND x {3+}\r\nabc\r\nb NOOP\r\n');
    const refusal = { tag: 'a', status: 'NO', code: 'TRYCREATE', text: 'no such mailbox' } as const;
    literalOf(await reader.next()).refuse(refusal);
    expect(await reader.next()).toEqual({ kind: 'refused', refusal });
    expect((await reader.next())?.kind).toBe('command');
    expect(seen.continuations).toBe(0);
  });

  it('ends a message short where the client closes', async () => {
    const { reader } = readerOf('a APPEND x {9+}\r\nabc');
    const literal = literalOf(await reader.next());
    expect(await textOf(literal.read())).toBe('abc');
    expect(await literal.after()).toBeNull();
  });

  it('drops what came in clear behind STARTTLS', async () => {
    const { reader } = readerOf('a STARTTLS\r\nb NOOP\r\n');
    await reader.next();
    async function* encrypted() {
      yield Buffer.from('c NOOP\r\n');
    }
    expect(reader.replaceSource(encrypted())).toBe(8);
    expect(await reader.next()).toEqual({ kind: 'command', bytes: Buffer.from('c NOOP') });
  });

  it('reads answers as lines', async () => {
    const { reader } = readerOf('a IDLE\r\nDONE\r\n');
    await reader.next();
    reader.expectLine();
    expect(await reader.next()).toEqual({ kind: 'line', bytes: Buffer.from('DONE') });
  });
});
