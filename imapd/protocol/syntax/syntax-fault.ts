/**
 * What a parsing function throws where the command is wrong; `parseCommand` turns it into a `Refusal`. It never leaves
 * this layer.
 */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault';
  readonly status: 'BAD' | 'NO';
  readonly code: string | null;

  constructor(
    text: string,
    answer: { status: 'BAD'; code?: string } | { status: 'NO'; code: string } = { status: 'BAD' },
  ) {
    super(text);
    this.status = answer.status;
    this.code = answer.code ?? null;
  }
}
