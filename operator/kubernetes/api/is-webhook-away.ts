import { ApiError } from './api-error.ts';

/** The API server is there, and whom it has to ask about this very request is not: a person's webhook, which may stay away. */
export const isWebhookAway = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 500 && error.message.includes('failed calling webhook');
