const WIDTH = 24;
const MEBIBYTE = 1 << 20;

/** `done` and `total` in bytes of the source. */
export type Progress = {
  readonly done: number;
  readonly total: number;
  readonly messages: number;
  readonly seconds: number;
};

/** `[#######-----------------]  31 %   4211 messages   812/s   93.4 MiB   12 s left`, at most 80 columns. */
export function progressLine({ done, total, messages, seconds }: Progress): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
  const rate = seconds > 0 ? messages / seconds : 0;
  const left = share > 0 ? (seconds * (1 - share)) / share : 0;
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${bar}] ${percent} %  ${messages} messages  ${rate.toFixed(0)}/s  ${(done / MEBIBYTE).toFixed(1)} MiB  ${left.toFixed(0)} s left`;
}
