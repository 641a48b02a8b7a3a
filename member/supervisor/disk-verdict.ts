/** The system's own words (ENOSPC), in English as the server is told to write. */
const NO_SPACE = /No space left on device/;
/** PostgreSQL's; MySQL's of a binary log that it cannot write (`binlog_error_action`). */
const PANIC = /\bPANIC: |Aborting the server/;
/** Said by MariaDB (a warning) and MySQL (an error) of a file of a log. They look for space once a minute, and say it again each tenth time. */
const WAITS = /Disk is full writing '[^']*'.*Waiting for someone to free space/;
/** PostgreSQL's FATAL; `[ERROR]` of MariaDB and MySQL. */
const FAILURE = /\bFATAL: |\[ERROR\]/;
/** The binary log, by the name that its options give it (`log_bin`); what a replica receives is in `relay.…`. */
const OF_BINARY_LOG = /'(?:[^']*\/)?bin\.[^'/]*'/;
/** MariaDB, where it can begin no new file of its binary log: replicas would get nothing of what it acknowledges from then on. */
const GIVES_UP_LOG = /Turning logging off for the whole duration of the \w+ server process/;

/** InnoDB, where a statement found no space in a file of data, and taking it back would have needed some too. */
const DIES_IN_ROLLBACK = /\[FATAL\].*\(Out of disk space\)/;

/** A server writes this and ends: it found no space for its log, without which it may acknowledge nothing, or none to take back what it began. */
export const panicsForSpace = (line: string): boolean =>
  (PANIC.test(line) && NO_SPACE.test(line)) || DIES_IN_ROLLBACK.test(line);

/** It found no space for what it, or one process of it, cannot do without: at a start that takes the server along, later only that process. */
export const failsForSpace = (line: string): boolean =>
  (FAILURE.test(line) && NO_SPACE.test(line)) || WAITS.test(line) || givesUpLog(line);

/**
 * Every commit waits for space in the binary log, behind one that holds its lock, and with them whoever looks at the log or is to make
 * the server read-only; sessions that are ended meanwhile fail in the midst of writing it.
 */
export const waitsForLogSpace = (line: string): boolean => WAITS.test(line) && OF_BINARY_LOG.test(line);

/** It goes on without a log, and acknowledges what no replica will have. */
export const givesUpLog = (line: string): boolean => GIVES_UP_LOG.test(line);
