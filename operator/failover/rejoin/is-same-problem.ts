/** Positions in the log, and numbers: of processes, files, octets, times. */
const FIGURES = /[0-9A-F]+\/[0-9A-F]+|\d+/g;

/** Whether both say the same but for figures, which differ each time that something is tried. */
export const isSameProblem = (before: string | null, now: string): boolean =>
  before !== null && before.replaceAll(FIGURES, '#') === now.replaceAll(FIGURES, '#');
