/** A list is written as `a, b`, for `IN (?)`; one without members as NULL, which nothing is in. */
export type Value = string | number | bigint | boolean | Buffer | Date | null | readonly Value[];

export type Statement = {
  /** What it is called where statements are counted. */
  readonly name: string;
  /** One statement, with `?` where values go and nowhere else. */
  readonly text: string;
  readonly values?: readonly Value[];
  /** Sent alone it is prepared once a connection: for a text that is always the same, without lists. In a batch it is as any other. */
  readonly prepared?: boolean;
  /** Its rows are given to this, each as it comes, and none of them is kept: for answers that would be large as a whole. */
  readonly take?: TakeRow;
};

/** Takes one row. A promise holds up those behind it, in the server too. */
export type TakeRow<R = Row> = (row: R) => void | Promise<void>;

/**
 * A row by the names of its columns. Integers and sums come as numbers (beyond 2^53 they are an error), VARBINARY and text as
 * strings, BINARY(16) as UUIDs, BLOB as octets, DATETIME as dates, NULL as null.
 */
export type Row = Readonly<Record<string, unknown>>;

export type Answer<R = Row> = {
  readonly rows: readonly R[];
  /** Rows that it wrote, or met and left as they were. Of ON DUPLICATE KEY UPDATE: 2 for each that it changed. */
  readonly affected: number;
};
