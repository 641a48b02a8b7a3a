import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from './frame.ts';
import { Framer } from './framer.ts';
import { type Limits, withLimits } from './limits.ts';

const SMALL = withLimits({
  line: 200,
  literalBeforeLogin: 10,
  literal: 20,
  literalsTogether: 50,
  message: 1000,
  discard: 5000,
});

interface Setting {
  readonly limits?: Limits;
  readonly signedIn?: boolean;
  readonly unaskedLiteral?: number;
  /** What to do with messages of APPEND. */
  readonly decide?: 'accept' | 'refuse';
}

/** Frames of the given chunks, chunks of a message joined, as one line each. */
function framesOf(
  chunks: readonly Buffer[],
  { limits = SMALL, signedIn = true, decide = 'accept', unaskedLiteral = Number.POSITIVE_INFINITY }: Setting = {},
): string[] {
  const framer = new Framer(limits, { unaskedLiteral });
  if (signedIn) framer.signedIn();
  const frames: string[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let frame = framer.next(); frame !== null; frame = framer.next()) {
      note(frames, frame);
      if (frame.kind !== 'message') continue;
      if (decide === 'accept') framer.accept();
      else framer.refuse({ tag: 'x', status: 'NO', code: null, text: 'unwanted' });
    }
  }
  return frames;
}

function note(frames: string[], frame: Frame): void {
  const last = frames.at(-1);
  if (frame.kind === 'chunk' && last?.startsWith('chunk '))
    frames[frames.length - 1] = last + frame.bytes.toString('latin1');
  else if (frame.kind === 'refused') {
    const { tag, status, code, text } = frame.refusal;
    frames.push(`refused ${tag ?? '*'} ${status} ${code === null ? '' : `[${code}] `}${text}`);
  } else if (frame.kind === 'message') frames.push(`message ${frame.size} ${frame.synchronizing} ${frame.bytes}`);
  else if ('bytes' in frame) frames.push(`${frame.kind} ${frame.bytes.toString('latin1')}`);
  else frames.push(frame.kind);
}

const frames = (text: string, setting?: Setting) => framesOf([Buffer.from(text, 'latin1')], setting);

describe('without LITERAL+', () => {
  const unaskedLiteral = -1;

  it('a literal that does not wait is refused, and none of its octets is a command', () => {
    const refused = 'refused a BAD Wait for leave to send a literal: there is no LITERAL+';
    expect(frames('a LOGIN {8+}\r\nb NOOP\r\n pw\r\nc NOOP\r\n', { unaskedLiteral })).toEqual([
      refused,
      'command c NOOP',
    ]);
    expect(frames('a APPEND x {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n', { unaskedLiteral })).toEqual([
      refused,
      'command c NOOP',
    ]);
  });

  it('one that waits is as ever', () => {
    expect(frames('a LOGIN {3}\r\nada pw\r\n', { unaskedLiteral })).toEqual([
      'continue',
      'command a LOGIN {3}\r\nada pw',
    ]);
  });
});

describe('with LITERAL- (RFC 7888, 5)', () => {
  const unaskedLiteral = 5;

  it('a literal up to its bound need not wait', () => {
    const text = 'a LOGIN {3+}\r\nada {5+}\r\npw123';
    expect(frames(`${text}\r\n`, { unaskedLiteral })).toEqual([`command ${text}`]);
    expect(frames('a LOGIN {6}\r\nadaada pw\r\n', { unaskedLiteral })[0]).toBe('continue');
  });

  it('a larger one is refused as too big, and none of its octets is a command', () => {
    const refused =
      'refused a BAD [TOOBIG] Wait for leave to send a literal of more than 5 octets: there is no LITERAL+';
    expect(frames('a APPEND x {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n', { unaskedLiteral })).toEqual([
      refused,
      'command c NOOP',
    ]);
  });
});

describe('commands', () => {
  it('end with CR LF or with LF alone', () => {
    expect(frames('a NOOP\r\nb NOOP\nc NO')).toEqual(['command a NOOP', 'command b NOOP']);
  });

  it('keep their literals in place', () => {
    expect(frames('a LOGIN {3}\r\nf"\n {2+}\r\n\r\n\r\nb NOOP\r\n')).toEqual([
      'continue',
      'command a LOGIN {3}\r\nf"\n {2+}\r\n\r\n',
      'command b NOOP',
    ]);
  });

  it('may hold an empty literal', () => {
    expect(frames('a LOGIN {0}\r\n {0+}\r\n\r\n')).toEqual(['continue', 'command a LOGIN {0}\r\n {0+}\r\n']);
  });

  it('are not made of empty lines', () => {
    expect(frames('\r\n\n\r\na NOOP\r\n')).toEqual(['command a NOOP']);
  });

  it('have literals only where a line ends with one', () => {
    expect(frames('a X {3} y\r\nb {x}\r\nc 3}\r\nd {}\r\ne {+}\r\n')).toHaveLength(5);
  });
});

describe('APPEND', () => {
  it('streams its message', () => {
    expect(frames('a append INBOX (\\Seen) {5}\r\nhello\r\nb NOOP\r\n')).toEqual([
      'message 5 true a append INBOX (\\Seen) {5}',
      'continue',
      'chunk hello',
      'end ',
      'command b NOOP',
    ]);
  });

  it('collects a mailbox name that is a literal', () => {
    expect(frames('a APPEND {5+}\r\nINBOX {2+}\r\nhi\r\n')).toEqual([
      'message 2 false a APPEND {5+}\r\nINBOX {2+}',
      'chunk hi',
      'end ',
    ]);
  });

  it('has a sister that names a message first', () => {
    expect(frames('a replace 4 x (\\Seen) {2}\r\nhi\r\n')).toEqual([
      'message 2 true a replace 4 x (\\Seen) {2}',
      'continue',
      'chunk hi',
      'end ',
    ]);
    expect(frames('a UID REPLACE * {5+}\r\nINBOX {2+}\r\nhi\r\n')).toEqual([
      'message 2 false a UID REPLACE * {5+}\r\nINBOX {2+}',
      'chunk hi',
      'end ',
    ]);
  });

  it('may bring several messages', () => {
    expect(frames('a APPEND x {1+}\r\n1 (\\Seen) {0+}\r\n junk\r\n')).toEqual([
      'message 1 false a APPEND x {1+}',
      'chunk 1',
      'message 0 false  (\\Seen) {0+}',
      'end  junk',
    ]);
  });

  it('is skipped when refused, whether or not the client waits', () => {
    const [refused, next] = ['refused x NO unwanted', 'command b NOOP'];
    expect(frames('a APPEND x {5}\r\nb NOOP\r\n', { decide: 'refuse' })).toEqual([
      'message 5 true a APPEND x {5}',
      refused,
      next,
    ]);
    expect(frames('a APPEND x {5+}\r\nhello {1+}\r\n!\r\nb NOOP\r\n', { decide: 'refuse' })).toEqual([
      'message 5 false a APPEND x {5+}',
      refused,
      next,
    ]);
  });

  it('streams nothing before sign-in', () => {
    expect(frames('a APPEND x {11}\r\nb NOOP\r\n', { signedIn: false })).toEqual([
      'refused a NO [TOOBIG] Literal above the limit of 10 octets',
      'command b NOOP',
    ]);
  });

  it('must be decided on before anything else is read', () => {
    const framer = new Framer(SMALL);
    framer.signedIn();
    framer.push(Buffer.from('a APPEND x {5}\r\n'));
    expect(framer.next()?.kind).toBe('message');
    expect(() => framer.next()).toThrow('accept or refuse');
  });
});

describe('lines', () => {
  it('are answers once, even where the bytes had arrived before', () => {
    const framer = new Framer(SMALL);
    framer.push(Buffer.from('a IDLE\r\nDONE\r\n{5+}\r\nhello\r\n'));
    expect(framer.next()?.kind).toBe('command');
    framer.expectLine();
    expect(framer.next()).toEqual({ kind: 'line', bytes: Buffer.from('DONE') });
    framer.expectLine();
    expect(framer.next()).toEqual({ kind: 'line', bytes: Buffer.from('{5+}') });
    expect(framer.next()).toEqual({ kind: 'command', bytes: Buffer.from('hello') });
  });

  it('may be empty, as an answer to a SASL challenge is', () => {
    const framer = new Framer(SMALL);
    framer.expectLine();
    framer.push(Buffer.from('\r\n'));
    expect(framer.next()).toEqual({ kind: 'line', bytes: Buffer.alloc(0) });
  });

  it('have a limit of their own', () => {
    const framer = new Framer(withLimits({ continuationLine: 10 }));
    framer.expectLine();
    framer.push(Buffer.from('0123456789\r\na NOOP\r\n'));
    expect(framer.next()).toMatchObject({ kind: 'refused', refusal: { tag: null, status: 'BAD' } });
    expect(framer.next()?.kind).toBe('command');
  });
});

describe('hostile input', () => {
  it('STARTTLS injection: commands sent in clear behind STARTTLS are dropped', () => {
    const framer = new Framer(SMALL);
    framer.push(Buffer.from('a STARTTLS\r\nb LOGIN eve {3}\r\nx'));
    expect(framer.next()?.kind).toBe('command');
    expect(framer.discardInput()).toBe(18);
    framer.push(Buffer.from('c NOOP\r\n'));
    expect(framer.next()).toEqual({ kind: 'command', bytes: Buffer.from('c NOOP') });
  });

  it('endless line: refused by its tag, and the next command is found', () => {
    expect(frames(`a ${'x'.repeat(300)}\r\nb NOOP\r\n`)).toEqual([
      'refused a BAD Line above the limit of 200 octets',
      'command b NOOP',
    ]);
  });

  it('endless line without a tag', () => {
    expect(frames(`${'x'.repeat(300)}\r\n`)).toEqual(['refused * BAD Line above the limit of 200 octets']);
  });

  it('endless line that ends with a literal: the literal is no command', () => {
    const long = 'x'.repeat(300);
    expect(frames(`a ${long} {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n`)).toEqual([
      'refused a BAD Line above the limit of 200 octets',
      'command c NOOP',
    ]);
    expect(frames(`a ${long} {8}\r\nc NOOP\r\n`)).toEqual([
      'refused a BAD Line above the limit of 200 octets',
      'command c NOOP',
    ]);
  });

  it('literal above the limit: refused without leave to send, or skipped where it comes unasked', () => {
    const refused = 'refused a NO [TOOBIG] Literal above the limit of 20 octets';
    expect(frames('a LOGIN {21}\r\nb NOOP\r\n')).toEqual([refused, 'command b NOOP']);
    expect(frames(`a LOGIN {21+}\r\n${'\r\nb NOOP'.repeat(3).slice(0, 21)} {3+}\r\nxyz z\r\nb NOOP\r\n`)).toEqual([
      refused,
      'command b NOOP',
    ]);
  });

  it('many small literals: refused once they are too many together', () => {
    expect(frames(`a X${' {20+}\r\n01234567890123456789'.repeat(3)}\r\nb NOOP\r\n`)).toEqual([
      'refused a NO [TOOBIG] Literal above the limit of 20 octets',
      'command b NOOP',
    ]);
    const most = withLimits({ literalCount: 2 });
    expect(frames(`a X${' {0+}\r\n'.repeat(3)}\r\nb NOOP\r\n`, { limits: most })).toEqual([
      'refused a BAD More than 2 literals',
      'command b NOOP',
    ]);
  });

  it('message above the limit', () => {
    expect(frames('a APPEND x {1001}\r\nb NOOP\r\n')).toEqual([
      'refused a NO [TOOBIG] Message above the limit of 1000 octets',
      'command b NOOP',
    ]);
    expect(frames(`a APPEND x {1001+}\r\n${'y'.repeat(1001)}\r\nb NOOP\r\n`)).toEqual([
      'refused a NO [TOOBIG] Message above the limit of 1000 octets',
      'command b NOOP',
    ]);
  });

  it('messages of one APPEND, and parts of them: more literals than there may be of both', () => {
    const limits = withLimits({ appendMessages: 1, appendParts: 1 });
    expect(frames('a APPEND x {3+}\r\nabc {1+}\r\nd {1}\r\nb NOOP\r\n', { limits })).toEqual([
      ...['message 3 false a APPEND x {3+}', 'chunk abc', 'message 1 false  {1+}', 'chunk d'],
      'refused a NO [LIMIT] More than 2 messages and parts at once',
      'command b NOOP',
    ]);
    // The next command begins at nothing again.
    const two = 'APPEND x {1+}\r\na {1+}\r\nb\r\n';
    expect(frames(`a ${two}b ${two}`, { limits })).toHaveLength(10);
  });

  it('literal of more octets than there are: fatal where it comes unasked', () => {
    expect(frames('a X {99999999999999999999}\r\nb NOOP\r\n')).toEqual([
      'refused a NO [TOOBIG] Literal above the limit of 20 octets',
      'command b NOOP',
    ]);
    expect(frames('a X {99999999999999999999+}\r\nb NOOP\r\n')).toEqual(['fatal']);
    expect(frames(`a X {${'9'.repeat(100)}+}\r\nb NOOP\r\n`)).toEqual(['fatal']);
  });

  it('flood without a line end: fatal in the end, without being kept', () => {
    expect(frames('x'.repeat(6000))).toEqual(['fatal']);
  });

  it('a million tiny chunks cost linear time', () => {
    const limits = withLimits({ line: 2_000_000 });
    const framer = new Framer(limits);
    const one = Buffer.from('x');
    let early = 0;
    for (let i = 0; i < 1_000_000; i++) {
      framer.push(one);
      if (framer.next() !== null) early++;
    }
    expect(early).toBe(0);
    framer.push(Buffer.from('\n'));
    const frame = framer.next();
    expect(frame?.kind === 'command' && frame.bytes.length).toBe(1_000_000);
  });
});

describe('any split of the bytes', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'a NOOP',
      ' ',
      '\r\n',
      '\n',
      '\r',
      '{3}\r\n',
      '{3+}\r\n',
      '{25+}\r\n',
      '{2000+}\r\n',
      '{7}\r\n',
      'APPEND x ',
      'a APPEND x {4+}\r\n',
    ),
    fc.constantFrom('abc', '{', '}', '+', '"', '{99999999999999999999999999999999999', '\0', '\xff', 'x'.repeat(190)),
    fc.string({ maxLength: 8 }),
  );
  const input = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

  const setting = fc.record({ signedIn: fc.boolean(), decide: fc.constantFrom('accept', 'refuse') });

  it('gives the same frames', () => {
    fc.assert(
      fc.property(input, fc.array(fc.nat({ max: 400 })), setting, (bytes, cuts, given) => {
        const at = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((a, b) => a - b);
        const chunks = [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
        const whole = framesOf([bytes], given);
        expect(framesOf(chunks, given)).toEqual(whole);
        const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
        expect(framesOf(single, given)).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });
});
