type Turned = { readonly type: string; readonly reason: string; readonly message: string };

/** Whom a message is about: it begins with that name, and what was done there perhaps. `users-a-1: …`, `users-a-1 (clone): …`. */
const ABOUT = /^([a-z0-9][a-z0-9.-]*(?: \([a-z]+\))?): /;

/**
 * By what an Event of a condition is known as the same again (`OperatorEvent.series`): type, reason, and whom it is about. What else
 * the message says changes from one time to the next, the last line of a log above all.
 */
export const seriesOf = ({ type, reason, message }: Turned): string =>
  [type, reason, ABOUT.exec(message)?.[1] ?? ''].join(' ').trimEnd();
