import type { SessionObserver } from '../session/session-observer.ts';
import type { MetricSet } from './metric-set.ts';

/** Counts what sessions tell. */
export function sessionMetrics(metrics: MetricSet): SessionObserver {
  return {
    sessionOpened: () => metrics.count('imapd_sessions_opened_total'),
    stateChanged(from, to) {
      if (from !== null) metrics.add('imapd_sessions', { state: from }, -1);
      if (to !== 'logout') metrics.add('imapd_sessions', { state: to }, 1);
    },
    sessionClosed: (reason) => metrics.count('imapd_sessions_closed_total', { reason }),
    commandFinished({ name, result, code, seconds }) {
      metrics.observe('imapd_command_duration_seconds', { command: name, result }, seconds);
      if (code !== null) metrics.count('imapd_command_codes_total', { command: name, code });
    },
    proxyHeaderRefused: () => metrics.count('imapd_proxy_headers_refused_total'),
    actedFor: (result) => metrics.count('imapd_acting_sign_ins_total', { result }),
    loginFailed: () => metrics.count('imapd_login_failures_total'),
  };
}
