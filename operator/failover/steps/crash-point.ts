/**
 * Where a test may end the process. `name` is `STEP:before`, `STEP:after-effect` or `STEP:after-persist`; of a member's way
 * back STEP is `rejoin.` and its step.
 */
export type CrashPoint = (name: string) => void;

/** Ends this process as a power cut would, at one named point. */
export function crashAt(point: string): CrashPoint {
  return (name) => {
    if (name === point) process.kill(process.pid, 'SIGKILL');
  };
}
