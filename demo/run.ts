import type { Recorder } from './clients/recorder.ts';
import type { DemoCluster } from './cluster.ts';
import type { Mail } from './mail/generator.ts';
import type { Narrator } from './terminal/narrator.ts';

/** What every scene gets. */
export type Run = {
  readonly cluster: DemoCluster;
  readonly narrator: Narrator;
  readonly recorder: Recorder;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly nextMail: () => Mail;
  /** Figures for `--json`, by scene. */
  readonly figures: Record<string, unknown>;
};
