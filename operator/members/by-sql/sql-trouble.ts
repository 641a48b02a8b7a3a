/** A server answered, and what was wanted of it did not come about; the message says why, for people. */
export class SqlTrouble extends Error {
  override readonly name: string = 'SqlTrouble';
}
