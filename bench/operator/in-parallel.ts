/** As many requests as an API server of few cores works on at once. */
const AT_ONCE = 16;

/** Does the work for each item, several at a time. Rejects with the first failure, and begins nothing after it. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
