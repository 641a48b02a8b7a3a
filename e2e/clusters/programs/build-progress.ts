/** One program that is being built, among those that have to be. */
export type BuildProgress = {
  readonly program: string;
  /** 1 for the first. */
  readonly position: number;
  readonly total: number;
  readonly elapsedSeconds: number;
  /** What it took on an empty machine with two cores. */
  readonly expectedSeconds: number;
};

/** Such as "building kubelet (6 of 12): 0:41 of about 1:30". */
export function describeProgress({ program, position, total, elapsedSeconds, expectedSeconds }: BuildProgress): string {
  const late = elapsedSeconds > expectedSeconds ? ', slower than usual' : '';
  const time = `${clock(elapsedSeconds)} of about ${clock(expectedSeconds)}${late}`;
  return `building ${program} (${position} of ${total}): ${time}`;
}

/** Minutes and seconds: "0:07", "12:30". */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
