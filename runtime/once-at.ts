/** A longer one `setTimeout` would run at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Runs something once at a time of the Unix epoch (ms), however far away; gives what calls it off. */
export function onceAt(time: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = Math.max(0, time - Date.now());
    timer = setTimeout(left > LONGEST_MS ? wait : run, Math.min(left, LONGEST_MS)).unref();
  };
  wait();
  return () => clearTimeout(timer);
}
