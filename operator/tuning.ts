/** Budgets and periods of the core, each with its reason. Tests shorten them; people do not have to. */
export type Tuning = {
  /** An agent sends at least one report a second; three missing is silence. */
  readonly heartbeatTimeoutMs: number;
  /**
   * A replica asks its silent primary for a sign after half of `wal_receiver_timeout` (2 s as the agent sets it); past
   * one and a half of those halves the question stayed unanswered.
   */
  readonly witnessSilenceMs: number;
  /** A reconcile without a trigger: catches what no report tells (a lease that ran out, a back-off that ended). */
  readonly resyncMs: number;
  /**
   * The same while every member is well and nothing is to be done, but something has to be looked for: answers that imapd had
   * under leases, imapd or replicas that have not caught up yet. Where there is nothing of that either, a partition is left alone
   * until a member may have fallen silent: all else is told at once.
   */
  readonly restMs: number;
  /** Commands that change a flag or read a position: milliseconds of work on a healthy server. */
  readonly quickCommandMs: number;
  /** Promotion, start of a server, following: seconds at worst. */
  readonly slowCommandMs: number;
  /**
   * Before a planned change, while writing goes on: how long the primary and its successor may take to write out what is dirty.
   * What is left then is written while nobody can write.
   */
  readonly prepareMs: number;
  /**
   * The same for a primary that is about to end: of the 20 s for which it serves on, most belong to the change itself. Not at
   * all where its pod was removed by force: it is killed after two.
   */
  readonly prepareLeavingMs: number;
  /** Copying a whole repository. */
  readonly copyCommandMs: number;
  /** initdb and a first start on a slow disk. */
  readonly initializeMs: number;
  /** One request to an imapd process; a lost one is repeated. */
  readonly pushTimeoutMs: number;
  /** Between two heartbeats to an imapd process; they carry leases out and its view of the databases back. */
  readonly heartbeatIntervalMs: number;
  /** How long a retarget waits for acknowledgements before it lets the change end; pushing goes on regardless. */
  readonly convergeMs: number;
  /** Async: how long an imapd process may write after its last proof that the target holds. */
  readonly leaseSeconds: number;
  /** Async: how long a server that ended by itself may take to come back before a replica is promoted. */
  readonly restartBudgetMs: number;
  /** More unplanned promotions than this within the window are flapping: a person has to look. */
  readonly maxPromotions: number;
  /** The window of `maxPromotions`. */
  readonly promotionWindowMs: number;
  /** How long replicas may be missing before `whenDegraded: Async` lets commits go on without them. */
  readonly notStreamingMs: number;
  /** How long a change of primary waits for survivors that it needs and that do not answer, before it is given up. */
  readonly electionBudgetMs: number;
  /**
   * After a change of primary: how long what nobody waits for (status, labels, Events, the start of the old primary) is put off
   * in favour of those who were held. With the change itself for 3 s at most.
   */
  readonly respiteMs: number;
  /** How long the primary and a replica may take to write out what is dirty, before the replica is copied in the primary's place. */
  readonly donorMs: number;
  /** Pause before a step or a command that did not succeed is tried again. */
  readonly retryMs: number;
};

export const defaultTuning: Tuning = {
  heartbeatTimeoutMs: 3_000,
  witnessSilenceMs: 1_500,
  resyncMs: 250,
  restMs: 1_000,
  quickCommandMs: 2_000,
  slowCommandMs: 15_000,
  prepareMs: 20_000,
  prepareLeavingMs: 2_000,
  initializeMs: 120_000,
  copyCommandMs: 6 * 60 * 60 * 1_000,
  pushTimeoutMs: 500,
  heartbeatIntervalMs: 1_000,
  convergeMs: 1_000,
  leaseSeconds: 5,
  restartBudgetMs: 8_000,
  maxPromotions: 10,
  promotionWindowMs: 60_000,
  notStreamingMs: 5_000,
  electionBudgetMs: 10_000,
  respiteMs: 500,
  donorMs: 120_000,
  retryMs: 100,
};
