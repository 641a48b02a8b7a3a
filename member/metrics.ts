import { Counter, Gauge, type Registry } from 'prom-client';
import type { AgentReport } from '#contract/agent-report.ts';

/** What is asked for at every scrape. */
export type MemberFigures = {
  readonly report: Omit<AgentReport, 'bootId' | 'sequence'>;
  /** A log position in bytes since the log began. */
  readonly positionOf: (position: string) => number;
  /** Milliseconds since the operator was there; since the start of the agent where it never was. */
  readonly operatorSilentMs: number;
  /** The same of the peers; null where none has ever answered. */
  readonly peersSilentMs: number | null;
};

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];
type GaugeEntry = {
  readonly help: string;
  readonly labels?: readonly string[];
  readonly samples: (figures: MemberFigures) => readonly Sample[];
};

/** A value without labels, absent where it is not known. */
const one = (value: number | null | undefined): readonly Sample[] => (value == null ? [] : [[{}, value]]);
const seconds = (milliseconds: number | null | undefined): readonly Sample[] =>
  one(milliseconds == null ? null : milliseconds / 1_000);
/** 1 under the label that holds now; nothing under the others. */
const state = (label: string, value: string | null | undefined): readonly Sample[] =>
  value == null ? [] : [[{ [label]: value }, 1]];

const gauges: Readonly<Record<string, GaugeEntry>> = {
  imapcluster_member_server_up: {
    help: '1 while the database server runs and answered the last probe.',
    samples: ({ report }) => one(report.state === 'running' && report.probe.consecutiveFailures === 0 ? 1 : 0),
  },
  imapcluster_member_server_state: {
    help: '1 for the state in which the server is.',
    labels: ['state'],
    samples: ({ report }) => state('state', report.state),
  },
  imapcluster_member_role: {
    help: '1 for the role that the server has in replication.',
    labels: ['role'],
    samples: ({ report }) => state('role', report.replication?.role),
  },
  imapcluster_member_fenced: {
    help: '1 for the reason why a running server refuses mail; absent while it does not.',
    labels: ['reason'],
    samples: ({ report }) => state('reason', report.fence),
  },
  imapcluster_member_epoch: {
    help: 'Epoch in the epoch row as this member shows it.',
    samples: ({ report }) => one(report.replication?.epoch),
  },
  imapcluster_member_granted_epoch: {
    help: 'Epoch under which this member serves writes, 0 = none.',
    samples: ({ report }) => one(report.grantedEpoch ?? 0),
  },
  imapcluster_member_highest_epoch: {
    help: 'Highest epoch of any command that this agent has obeyed.',
    samples: ({ report }) => one(report.highestEpoch),
  },
  imapcluster_member_received_bytes: {
    help: 'Log position that is durable here, in bytes since the log began.',
    samples: ({ report, positionOf }) => one(report.replication && positionOf(report.replication.received)),
  },
  imapcluster_member_applied_bytes: {
    help: 'Log position that readers of this member see.',
    samples: ({ report, positionOf }) => one(report.replication && positionOf(report.replication.applied)),
  },
  imapcluster_member_streaming: {
    help: 'Replica: 1 while it receives from its upstream.',
    samples: ({ report }) => one(report.replication?.upstream && (report.replication.upstream.streaming ? 1 : 0)),
  },
  imapcluster_member_upstream_silent_seconds: {
    help: 'Replica: since the last message of its upstream.',
    samples: ({ report }) => seconds(report.replication?.upstream?.silentMs),
  },
  imapcluster_member_standby_behind_bytes: {
    help: 'Primary: log that each of its replicas has not confirmed.',
    labels: ['standby'],
    samples: ({ report, positionOf }) =>
      (report.replication?.standbys ?? []).flatMap(({ member, received }) =>
        received === null || report.replication === null
          ? []
          : [[{ standby: member }, Math.max(0, positionOf(report.replication.received) - positionOf(received))]],
      ),
  },
  imapcluster_member_retained_bytes: {
    help: 'Log that is kept for replicas which are away (physical slots).',
    samples: ({ report }) => one(report.retainedBytes),
  },
  imapcluster_member_probe_failures: {
    help: "The agent's probes of its server that failed in a row.",
    samples: ({ report }) => one(report.probe.consecutiveFailures),
  },
  imapcluster_member_probe_latency_seconds: {
    help: 'How long the last probe took, where it succeeded.',
    samples: ({ report }) => seconds(report.probe.latencyMs),
  },
  imapcluster_member_operator_silent_seconds: {
    help: 'Since the operator was heard of; with the peers as silent, a primary fences itself at `isolation.afterMs`.',
    samples: ({ operatorSilentMs }) => seconds(operatorSilentMs),
  },
  imapcluster_member_peers_silent_seconds: {
    help: 'Since a peer answered; absent where none ever has.',
    samples: ({ peersSilentMs }) => seconds(peersSilentMs),
  },
};

/** Figures of one member agent. */
export class MemberMetrics {
  readonly #exits: Counter<'cause'>;
  readonly #restarts: Counter;

  constructor(registry: Registry, figures: () => MemberFigures) {
    const registers = [registry];
    this.#exits = new Counter({
      name: 'imapcluster_member_server_exits_total',
      help: 'Times that the server ended by itself or was killed, by cause: DiskFull, other.',
      labelNames: ['cause'],
      registers,
    });
    this.#restarts = new Counter({
      name: 'imapcluster_member_server_restarts_total',
      help: 'Times that the agent started the server again after that.',
      registers,
    });
    for (const [name, { help, labels = [], samples }] of Object.entries(gauges)) {
      void new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        collect() {
          this.reset();
          // prom-client shows a gauge without labels as 0 after a reset; what is not known must be absent.
          if (labels.length === 0) this.remove();
          for (const [values, value] of samples(figures())) this.set(values, value);
        },
      });
    }
  }

  serverExited(cause: 'DiskFull' | null | undefined): void {
    this.#exits.inc({ cause: cause ?? 'other' });
  }

  serverRestarted(): void {
    this.#restarts.inc();
  }
}
