/** As imapflow has it: its own message says that a command failed, the server's text says why. */
type CommandError = Error & { readonly responseText?: unknown; readonly serverResponseCode?: unknown };

/** Why a request failed, in the server's words where it answered. */
export function refusalOf({ responseText, serverResponseCode, message }: CommandError): string {
  if (typeof responseText !== 'string') return message;
  return typeof serverResponseCode === 'string' ? `[${serverResponseCode}] ${responseText}` : responseText;
}

const ignore = (): void => undefined;

/** What imapflow's log of one session tells as gone wrong: many of its commands give back false for a NO, and log the reason as a warning. */
export class Refusals {
  /** The last one; null where none has been told since it was set so. */
  last: string | null = null;

  readonly warn = (entry: unknown): void => {
    const { err } = entry as { readonly err?: unknown };
    if (err instanceof Error) this.last = refusalOf(err);
  };
  readonly error = this.warn;
  readonly info = ignore;
}
