/**
 * Why a command was not understood: an expected outcome, hence a value. Answer with `tag status [code] text`, and with
 * `*` where no tag could be read.
 */
export interface Refusal {
  readonly tag: string | null;
  readonly status: 'BAD' | 'NO';
  /** Without brackets: `TOOBIG`, `LIMIT`. */
  readonly code: string | null;
  /** What was expected and where; printable ASCII. */
  readonly text: string;
}
