import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openDoors, type Resident } from './doors.ts';
import { SimulatedImapd } from './simulated-imapd.ts';
import { SimulatedPartition } from './simulated-partition.ts';
import type { Answer, Question } from './simulator.ts';
import type { World } from './world.ts';

/** Plays all agents and all imapd of a world, in one process, for as long as the bench that started it is there. */

const residents = new Map<string, Resident>();
const partitions: SimulatedPartition[] = [];
const imapds: SimulatedImapd[] = [];
/** Between two samples of its event loop. */
const SAMPLED_MS = 10;
const NANOSECONDS_PER_MS = 1e6;
const delay = monitorEventLoopDelay({ resolution: SAMPLED_MS });
delay.enable();

function settle({ clusters, mail }: World): void {
  for (const cluster of clusters) {
    const own = new Map<string, SimulatedPartition>();
    for (const places of cluster.partitions) {
      const partition = new SimulatedPartition(places, mail);
      own.set(places.name, partition);
      partitions.push(partition);
      for (const { name, address } of places.members)
        residents.set(address, { kind: 'agent', partition, member: name });
    }
    const find = (name: string): SimulatedPartition => {
      const found = own.get(name);
      if (found === undefined) throw new Error(`no partition ${name}`);
      return found;
    };
    for (const { name, address } of cluster.pods) {
      const imapd = new SimulatedImapd(name);
      imapds.push(imapd);
      residents.set(address, { kind: 'imapd', imapd, partition: find });
    }
  }
}

/** Since it was asked last, at the 99th percentile. */
function lateMs(): number {
  // A delay counts from the sample before.
  const late = Math.max(0, delay.percentile(99) / NANOSECONDS_PER_MS - SAMPLED_MS);
  delay.reset();
  return late;
}

async function answer(question: Question): Promise<unknown> {
  if (question.kind === 'settle') {
    settle(question.world);
    return await openDoors(residents);
  }
  if (question.kind === 'lose') return await partitions[question.partition]?.lose();
  if (question.kind === 'late') return lateMs();
  return {
    whole: partitions.filter(({ isWhole }) => isWhole).length,
    followed: partitions.filter(({ isFollowed }) => isFollowed).length,
    told: imapds.filter(({ version }) => version > 0).length,
  };
}

process.on('disconnect', () => process.exit(0));
// Ctrl-C in a terminal is heard by all; the bench still has something to end in order.
process.on('SIGINT', () => undefined);
process.on('message', (message: { readonly id: number; readonly question: Question }) => {
  answer(message.question).then(
    (value) => process.send?.({ id: message.id, value } satisfies Answer),
    (error: unknown) => process.send?.({ id: message.id, error: String(error) } satisfies Answer),
  );
});
