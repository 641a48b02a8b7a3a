import { ServerError } from '../connection/server-error.ts';
import { errorCodes } from '../error-codes.ts';

/** Tries one password after the other. Only a refused one leads to the next; the refusal of the last is the outcome. */
export async function firstAccepted<T>(
  passwords: readonly string[],
  work: (password: string) => Promise<T>,
): Promise<T> {
  let refusal: unknown;
  for (const password of passwords) {
    try {
      return await work(password);
    } catch (error) {
      if (!(error instanceof ServerError) || error.errno !== errorCodes.passwordRefused) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
