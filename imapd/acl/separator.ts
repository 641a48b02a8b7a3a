/** Between the levels of a mailbox name, in every namespace. */
export const SEPARATOR = '/';
