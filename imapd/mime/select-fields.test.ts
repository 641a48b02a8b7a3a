import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectFields } from './select-fields.ts';

const header = Buffer.from('From: a\r\nSubject: one\r\n two\r\nX : y\r\nsubject: again\r\nnonsense\r\n\r\n');
const select = (names: string[], not = false) => selectFields(header, names, not).toString();

describe('selectFields', () => {
  it('gives the fields that are named, folded lines with them, in their order', () => {
    expect(select(['SUBJECT', 'From'])).toBe('From: a\r\nSubject: one\r\n two\r\nsubject: again\r\nnonsense\r\n\r\n');
    expect(select(['x'])).toBe('X : y\r\n\r\n');
  });

  it('finds a name in any case, with blanks behind it, and beside others of the same letters', () => {
    const alike = Buffer.from('Form: 1\r\nFROM\t : 2\r\nfrom: 3\r\nFr om: 4\r\nmorf: 5\r\n\r\n');
    expect(selectFields(alike, ['From'], false).toString()).toBe('FROM\t : 2\r\nfrom: 3\r\n\r\n');
    expect(selectFields(alike, ['From'], true).toString()).toBe('Form: 1\r\nFr om: 4\r\nmorf: 5\r\n\r\n');
  });

  it('finds a name that is not ASCII as the letters of LATIN1', () => {
    const odd = Buffer.from('\xc9T\xc9: 1\r\nx: 2\r\n\r\n', 'latin1');
    expect(selectFields(odd, ['\xe9t\xe9'], false).toString('latin1')).toBe('\xc9T\xc9: 1\r\n\r\n');
  });

  it('gives the others', () => {
    expect(select(['subject'], true)).toBe('From: a\r\nX : y\r\n\r\n');
  });

  it('gives the blank line alone where no field matches, nothing where there is none', () => {
    expect(select(['to'])).toBe('\r\n');
    expect(selectFields(Buffer.from('From: a\r\n'), ['to'], false).toString()).toBe('');
  });

  it('time: a header without colons costs its length once', () => {
    const lines = Buffer.from('x\n'.repeat(500_000));
    const before = performance.now();
    expect(selectFields(lines, ['from'], true)).toHaveLength(lines.length);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it('gives each line either to the named or to the others, byte for byte', () => {
    const line = fc.constantFrom('a: 1\r\n', 'b: 2\n', ' folded\r\n', 'c\xff: 3\r\n', 'none\r\n', ':\r\n');
    fc.assert(
      fc.property(fc.array(line), fc.uniqueArray(fc.constantFrom('a', 'B', 'c\xff')), (lines, names) => {
        const bytes = Buffer.from(`${lines.join('')}\r\n`, 'latin1');
        const named = selectFields(bytes, names, false);
        const others = selectFields(bytes, names, true);
        expect(named.length + others.length).toBe(bytes.length + 2);
        expect(selectFields(bytes, [], true).equals(bytes)).toBe(true);
      }),
    );
  });
});
