/** The system's own words (ENOSPC), in English as the server is told to write. */
const NO_SPACE = /No space left on device/;
const PANIC = /\bPANIC: /;
/** PostgreSQL's FATAL; `[ERROR]` of MariaDB and MySQL, which wait for space rather than end, and look for it each minute. */
const FAILURE = /\bFATAL: |\[ERROR\]/;

/** A server writes this and ends: it found no space for its log, without which it may acknowledge nothing. */
export const panicsForSpace = (line: string): boolean => PANIC.test(line) && NO_SPACE.test(line);

/** One process of the server ended for want of space: at a start it takes the server along, later only itself. */
export const failsForSpace = (line: string): boolean => FAILURE.test(line) && NO_SPACE.test(line);
