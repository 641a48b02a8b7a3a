/** An object of a name that is needed belongs to somebody else. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';
}
