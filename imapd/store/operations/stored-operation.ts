/** What a finished operation left behind. `result` is JSON and may be null. */
export type StoredOperation = { readonly result: unknown };

/**
 * A result as it is stored. Written before it is recorded: a failure on this side would let the COMMIT behind it through.
 * @throws TypeError where it is not to be had as JSON
 */
export const resultText = (result: unknown): string => JSON.stringify(result ?? null);
