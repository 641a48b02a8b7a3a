import { Counter, Gauge, type Registry } from 'prom-client';
import type { ProcessReport } from './processes/kept-process.ts';

/** Figures of the supervisor, asked for at every scrape. */
export function supervisorMetrics(registry: Registry, processes: () => readonly ProcessReport[]): void {
  const registers = [registry];
  void new Gauge({
    name: 'imapcluster_processes',
    help: 'Processes of the run, by kind (agent, operator, imapd) and state (starting, running, waiting, stopped).',
    labelNames: ['kind', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { kind, state } of processes()) this.inc({ kind, state });
    },
  });
  void new Gauge({
    name: 'imapcluster_process_start_time_seconds',
    help: 'When each process that lives was started, in seconds since 1970.',
    labelNames: ['kind', 'process'],
    registers,
    collect() {
      this.reset();
      for (const { kind, name, pid, startedAt } of processes()) {
        if (pid !== null && startedAt !== null) this.set({ kind, process: name }, startedAt / 1_000);
      }
    },
  });
  void new Counter({
    name: 'imapcluster_process_restarts_total',
    help: 'Times that each process was started again after it had ended by itself.',
    labelNames: ['kind', 'process'],
    registers,
    collect() {
      // The processes count for themselves.
      this.reset();
      for (const { kind, name, restarts } of processes()) this.inc({ kind, process: name }, restarts);
    },
  });
}
