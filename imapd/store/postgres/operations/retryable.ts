/** Deadlock, serialization failure: the transaction is gone, its work may be done again (SQLSTATE class 40). */
const TRY_AGAIN = new Set(['40001', '40P01']);
const UNIQUE_VIOLATION = '23505';

/**
 * Whether a failed transaction should simply run again. The unique violation is that of a double: the same operation has
 * just been finished by another transaction, and a second run will find its result.
 */
export function isRetryable(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (code === UNIQUE_VIOLATION) return constraint === 'operation_pkey';
  return typeof code === 'string' && TRY_AGAIN.has(code);
}
