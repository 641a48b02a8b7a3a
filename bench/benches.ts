import type { Bench } from './bench.ts';
import { dovecot } from './dovecot.ts';
import { engines } from './engines.ts';
import { failover } from './failover.ts';
import { lag } from './lag.ts';
import { operator } from './operator.ts';
import { protocol } from './protocol.ts';
import { select } from './select.ts';
import { statements } from './statements.ts';
import { storeView } from './store-view.ts';
import { stream } from './stream.ts';
import { switchover } from './switchover.ts';

/** Every measurement there is, by the name it is asked for. */
export const benches: readonly Bench[] = [
  failover,
  switchover,
  lag,
  select,
  stream,
  statements,
  protocol,
  storeView,
  operator,
  dovecot,
  engines,
];
