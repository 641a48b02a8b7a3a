import { ServerError } from './connection/server-error.ts';
import { errorCodes } from './error-codes.ts';

/** An account that does not exist (yet) looks the same. */
export const isPasswordRefused = (error: unknown): boolean =>
  error instanceof ServerError && error.errno === errorCodes.passwordRefused;
