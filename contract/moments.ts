/**
 * All that recurs between agents, operator and imapd comes at few moments of a second, by the clock of each host: a process is
 * woken up for many things at once, which is most of what it costs it to hear that nothing has happened. Milliseconds between two.
 */
export const MOMENT_MS = 250;
