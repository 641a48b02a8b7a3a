import type { Bench } from './bench.ts';
import { measureAtRest } from './operator/at-rest.ts';
import { measureATenth, measureAThird, measureAtScale } from './operator/at-scale.ts';
import { measureRetargets } from './operator/retargets.ts';

/**
 * `BENCH_OPERATOR_SCENES=rest,scale` chooses among them; unless chosen, `scale` is left out, which wants more than the two
 * processors that the others do with.
 */
const scenes = {
  rest: measureAtRest,
  retarget: measureRetargets,
  tenth: measureATenth,
  third: measureAThird,
  scale: measureAtScale,
} as const;
const USUAL = 'rest,retarget,tenth';

/** The operator of Kubernetes over an API server without nodes, with agents and imapd that are played by one process. */
export const operator: Bench = {
  name: 'operator',
  about:
    'the operator on Kubernetes: memory, processor time and writes at rest; 1,000 partitions; retarget of 20 imapd',
  async run(context) {
    if (process.platform !== 'linux') throw new Error('only Linux has as many loopback addresses as there are pods');
    const chosen = (process.env.BENCH_OPERATOR_SCENES ?? USUAL).split(',');
    const figures = [];
    for (const [name, measure] of Object.entries(scenes)) {
      if (!chosen.includes(name)) continue;
      context.progress(`scene: ${name}`);
      figures.push(...(await measure(context)));
    }
    return figures;
  },
};
