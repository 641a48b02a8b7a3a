/** A place where the newest routing document may be found without the operator. What it holds is checked like a push. */
export type DocumentSource = {
  /** For the log. */
  readonly name: string;
  /** The signed document; null where there is none yet. Rejects where that cannot be told. */
  read(signal: AbortSignal): Promise<string | null>;
};
