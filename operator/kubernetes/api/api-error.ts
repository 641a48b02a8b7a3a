/** The API server answered, and not with what was asked for. What never got an answer is another error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of HTTP. */
  readonly status: number;
  /** Of Kubernetes: "Conflict", "AlreadyExists", "Expired" … */
  readonly reason: string;
  /** Seconds to wait, where the server said so (429, 503). */
  readonly retryAfter: number | null;

  constructor(status: number, body: unknown, retryAfter: number | null = null) {
    const said = statusOf(body);
    super(said.message ?? `the API server answered ${status}`);
    this.status = status;
    this.reason = said.reason ?? '';
    this.retryAfter = retryAfter;
  }
}

/** A `Status` object; whatever stands before the API server may answer with something else. */
function statusOf(body: unknown): { readonly message?: string; readonly reason?: string } {
  if (typeof body !== 'object' || body === null) return {};
  const { message, reason } = body as Readonly<Record<string, unknown>>;
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}
