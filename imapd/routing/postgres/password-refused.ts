import { DatabaseError } from 'pg';

/** SQLSTATE invalid_password; a role that does not exist (yet) looks the same. */
const INVALID_PASSWORD = '28P01';

export const isPasswordRefused = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === INVALID_PASSWORD;
