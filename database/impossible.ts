/** A command cannot be done in this state, or by this server; an agent answers 422 `code`. */
export class Impossible extends Error {
  override readonly name = 'Impossible';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
