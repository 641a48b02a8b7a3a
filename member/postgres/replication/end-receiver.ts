/** For a receiver that does not end by itself; it writes out what it has received before it ends. */
export function endReceiver(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
