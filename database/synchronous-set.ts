/** Commits wait for `required` of `members`; required 0 = for nobody. */
export type SynchronousSet = { required: number; members: string[] };
