import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeMessage, MessageAnalyzer } from './analyze.ts';
import { DEFAULT_MIME_LIMITS } from './limits.ts';
import type { PartIndex } from './part-index.ts';
import { decodePartIndex, encodePartIndex } from './part-index.ts';
import { readParenthesized } from './test-support/read-parenthesized.ts';

const analyze = (text: string, limits = {}) =>
  analyzeMessage(Buffer.from(text, 'latin1'), { ...DEFAULT_MIME_LIMITS, ...limits });

const depthOf = (part: PartIndex): number => 1 + Math.max(0, ...part.parts.map(depthOf));
const countOf = (part: PartIndex): number => part.parts.reduce((sum, child) => sum + countOf(child), 1);

describe('hostile messages', () => {
  it('nesting bomb of messages', () => {
    const { partIndex, bodyStructure } = analyze('Content-Type: message/rfc822\r\n\r\n'.repeat(10_000));
    expect(depthOf(partIndex)).toBe(DEFAULT_MIME_LIMITS.depth);
    expect(bodyStructure.toString()).toContain('"application" "octet-stream"');
  });

  it('nesting bomb of multiparts', () => {
    const level = (n: number) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`;
    const { partIndex } = analyze(Array.from({ length: 5000 }, (_, n) => level(n)).join(''));
    expect(depthOf(partIndex)).toBe(DEFAULT_MIME_LIMITS.depth);
  });

  it('ten thousand parts: the last one takes the rest', () => {
    const message = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(10_000)}--b--\r\n`;
    const { partIndex, body } = analyze(message);
    expect(countOf(partIndex)).toBe(DEFAULT_MIME_LIMITS.parts);
    expect(partIndex.parts.at(-1)?.endAt).toBe(message.length - '\r\n--b--\r\n'.length);
    expect(body.length).toBeLessThan(100_000);
  });

  it('header bomb: beyond the limit it is text', () => {
    const line = 'X-Junk: 0123456789\r\n';
    const analyzed = analyze(`Subject: s\r\n${line.repeat(100)}`, { header: 1000 });
    expect(analyzed.headerSize).toBeGreaterThan(1000 - line.length);
    expect(analyzed.headerSize).toBeLessThanOrEqual(1000);
    expect(analyzed.headerBlock.length).toBe(analyzed.headerSize);
    expect(analyzed.envelope.toString()).toContain('"s"');
  });

  it('one line without end', () => {
    const analyzed = analyze('x'.repeat(5000), { header: 1000, line: 100 });
    expect(analyzed).toMatchObject({ headerSize: 0, size: 5000, lineCount: 0 });
  });

  it('fields that outgrow what is remembered count as absent', () => {
    const { envelope } = analyze(`Subject: ${'s'.repeat(2000)}\r\nFrom: a@b\r\n\r\n`, { rememberedFields: 100 });
    expect(envelope.length).toBeLessThan(200);
  });

  it('flood of addresses', () => {
    const { envelope } = analyze(`To: ${'a@b,'.repeat(100_000)}\r\n\r\n`, { line: 1_000_000 });
    expect(envelope.length).toBeLessThan(100_000);
  });

  it('NUL in a header is left out of what is told, never out of the header block', () => {
    const { envelope, headerBlock } = analyze('Subject: a\0b\r\n\r\n');
    expect(envelope.toString()).toContain('"ab"');
    expect(headerBlock.includes(0)).toBe(true);
  });

  it.each([
    ['open comments', `From: ${'('.repeat(60_000)}\r\n\r\n`],
    ['open quotes', `From: ${'"\\'.repeat(30_000)}\r\n\r\n`],
    ['comments without end', `Content-Type: text/plain${';('.repeat(30_000)}\r\n\r\n`],
    ['angle brackets', `To: ${'<'.repeat(60_000)}\r\n\r\n`],
    ['parameters', `Content-Type: text/plain${'; a*0*=b'.repeat(8_000)}\r\n\r\n`],
    ['encoded dates', `Date: ${' 1'.repeat(30_000)}\r\n\r\n`],
    ['lines without a colon', `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${'x\n'.repeat(500_000)}`],
    ['colons behind an @', `To: ${'a '.repeat(30_000)}@${':'.repeat(30_000)}\r\n\r\n`],
    ['dashes', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--\r\n'.repeat(50_000)}`],
  ])('time: %s are read in linear time', (_, message) => {
    const before = performance.now();
    analyze(message);
    // Quadratic time would be seconds; the bound leaves room for a busy machine.
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('memory: a message of 64 MiB leaves next to nothing behind', () => {
    const analyzer = new MessageAnalyzer();
    const beginning = Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n');
    analyzer.write(beginning);
    const chunk = Buffer.alloc(1 << 20, 'no line end ');
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 64; i++) analyzer.write(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    expect(analyzer.end().size).toBe((64 << 20) + beginning.length);
  });
});

const pieces = fc.constantFrom(
  '\r\n',
  '\n',
  '\r',
  '--b',
  '--b\r\n',
  '--b--\r\n',
  '--c\r\n',
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: multipart/digest; boundary="c"\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Type: text/html; charset=utf-8; name="\xe9"\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'From: "A" <a@b>, c:d@e;\r\n',
  'Subject: \xff\r\n folded\r\n',
  'Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n',
  '\0',
);
const anyMessage = fc
  .array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 40 })
  .map((all) => Buffer.from(all.join(''), 'latin1'));

describe('any message', () => {
  it('is analysed alike however it is split', () => {
    fc.assert(
      fc.property(anyMessage, fc.array(fc.nat({ max: 300 })), (message, cuts) => {
        const whole = analyzeMessage(message, { ...DEFAULT_MIME_LIMITS, header: 200, line: 60 });
        const at = [...new Set(cuts.filter((cut) => cut < message.length))].sort((a, b) => a - b);
        const chunks = [0, ...at].map((from, i) => message.subarray(from, at[i] ?? message.length));
        for (const split of [chunks, Array.from(message, (_, i) => message.subarray(i, i + 1))]) {
          const analyzer = new MessageAnalyzer({ ...DEFAULT_MIME_LIMITS, header: 200, line: 60 });
          for (const chunk of split) analyzer.write(chunk);
          expect(analyzer.end()).toEqual(whole);
        }
      }),
      { numRuns: 700 },
    );
  });

  it('gives well-formed IMAP text and parts that lie inside one another', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const analyzed = analyzeMessage(message);
        expect(readParenthesized(analyzed.envelope)).toHaveLength(10);
        readParenthesized(analyzed.bodyStructure);
        readParenthesized(analyzed.body);
        expectNested(analyzed.partIndex, message.length);
        expect(analyzed.headerBlock.equals(message.subarray(0, analyzed.headerSize))).toBe(true);
        expect(decodePartIndex(encodePartIndex(analyzed.partIndex))).toEqual(analyzed.partIndex);
      }),
      { numRuns: 700 },
    );
  });
});

function expectNested(part: PartIndex, limit: number): void {
  expect(part.headerAt).toBeLessThanOrEqual(part.bodyAt);
  expect(part.bodyAt).toBeLessThanOrEqual(part.endAt);
  expect(part.endAt).toBeLessThanOrEqual(limit);
  expect(part.parts.length > 0).toBe(part.kind !== 'leaf');
  let from = part.bodyAt;
  for (const child of part.parts) {
    expect(child.headerAt).toBeGreaterThanOrEqual(from);
    expectNested(child, part.endAt);
    from = child.endAt;
  }
}
