/**
 * An expected outcome found in the middle of a transaction that must not stay: thrown so that the transaction is rolled
 * back, and turned into a value again by `withOutcome`.
 */
class Outcome extends Error {
  override readonly name = 'Outcome';
  readonly value: unknown;

  constructor(value: unknown) {
    super('rolled back with an outcome');
    this.value = value;
  }
}

/** Ends the transaction under way; `withOutcome` gives `value` to the caller. */
export function rollBackWith(value: unknown): never {
  throw new Outcome(value);
}

export async function withOutcome<T>(transaction: Promise<T>): Promise<T> {
  try {
    return await transaction;
  } catch (cause) {
    if (cause instanceof Outcome) return cause.value as T;
    throw cause;
  }
}
