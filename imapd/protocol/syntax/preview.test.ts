import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../limits.ts';
import { parseCommand } from '../parse-command.ts';

const parse = (text: string) => parseCommand(Buffer.from(text), DEFAULT_LIMITS);

describe('FETCH of previews (RFC 8970)', () => {
  it.each([
    ['PREVIEW', [{ kind: 'PREVIEW', lazy: false }], null],
    ['PREVIEW (LAZY)', [{ kind: 'PREVIEW', lazy: true }], null],
    ['(UID preview (lazy LAZY) FLAGS)', [{ kind: 'UID' }, { kind: 'PREVIEW', lazy: true }, { kind: 'FLAGS' }], null],
    ['PREVIEW (CHANGEDSINCE 5)', [{ kind: 'PREVIEW', lazy: false }, { kind: 'MODSEQ' }], 5],
    ['PREVIEW (LAZY) (CHANGEDSINCE 5)', [{ kind: 'PREVIEW', lazy: true }, { kind: 'MODSEQ' }], 5],
  ])('%s', (text, items, changedSince) => {
    const parsed = parse(`a FETCH 1 ${text}`);
    expect(parsed).toMatchObject({ ok: true, command: { items, changedSince } });
  });

  it('knows no other modifiers', () => {
    const text = 'Expected a fetch item at octet 20, found "("';
    expect(parse('a FETCH 1 (PREVIEW (FUZZY))')).toMatchObject({ ok: false, refusal: { status: 'BAD', text } });
    expect(parse('a FETCH 1 (PREVIEW ())')).toMatchObject({ ok: false, refusal: { status: 'BAD' } });
  });
});
