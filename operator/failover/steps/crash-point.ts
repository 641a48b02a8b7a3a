/**
 * Where a test may end the process, or hang it. `name` is `STEP:before`, `STEP:after-effect` or `STEP:after-persist`; of a
 * member's way back STEP is `rejoin.` and its step.
 */
export type CrashPoint = (name: string) => void;

export const crashSignals = ['SIGKILL', 'SIGSTOP'] as const;
/** As a power cut, or until somebody sends SIGCONT. */
export type CrashSignal = (typeof crashSignals)[number];

/** Points that this process has gone on from. Its cores are made anew, and would hang there again. */
const passed = new Set<string>();

/** Sends this process a signal at one named point, once. */
export function crashAt(point: string, signal: CrashSignal = 'SIGKILL'): CrashPoint {
  return (name) => {
    if (name !== point || passed.has(point)) return;
    passed.add(point);
    process.kill(process.pid, signal);
  };
}
