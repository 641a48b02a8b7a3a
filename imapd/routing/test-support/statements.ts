/** What tests of routing do with a connection, in the words of an engine whose connections are `C`. */
export interface TestStatements<C> {
  /** Writes a text among the marks (TestServer.makeMarks). */
  mark(c: C, text: string): Promise<void>;
  isMarked(c: C, text: string): Promise<boolean>;
  /** Asks for next to nothing. */
  one(c: C): Promise<number>;
  /** Who the server takes the connection for. */
  session(c: C): Promise<number>;
  isReplica(c: C): Promise<boolean>;
  /** @throws an error of the server that holds the word `nonsense` */
  nonsense(c: C): Promise<void>;
  /** @throws the error by which a server tells that it has no space left, or that a transaction has lost a race */
  fail(c: C, by: 'noSpace' | 'race'): Promise<void>;
}
