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
  /** Dice of one session by its name: the same seed gives each the same numbers, whatever the others do meanwhile. */
  readonly random: (name: string) => () => number;
  /** New mail of one session by its name, each message unique. */
  readonly mailOf: (name: string) => () => Mail;
  /** Figures for `--json`, by scene. */
  readonly figures: Record<string, unknown>;
};
