/**
 * Resolves once the work has ended, well or badly: for what must only come after it. Its failure is for whoever was given
 * the work itself; here it would be told twice, or, being awaited by nobody, end the process.
 */
export async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
