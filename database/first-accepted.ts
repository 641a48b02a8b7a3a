/**
 * Tries one password after the other. Only a refused one leads to the next; the refusal of the last is the outcome.
 * @param isRefused whether an error says so, in the words of an engine
 */
export async function firstAccepted<T>(
  passwords: readonly string[],
  isRefused: (error: unknown) => boolean,
  work: (password: string) => Promise<T>,
): Promise<T> {
  let refusal: unknown;
  for (const password of passwords) {
    try {
      return await work(password);
    } catch (error) {
      if (!isRefused(error)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
