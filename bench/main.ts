import { availableParallelism, cpus, loadavg, release, type } from 'node:os';
import { parseArgs } from 'node:util';
import { gate } from './gate.ts';
import { git } from './git.ts';
import { intake } from './intake.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { reports } from './reports.ts';
import { soak } from './soak.ts';
import { type Benchmark, reportText, type Target, targetsText } from './support/report.ts';

const benchmarks: readonly Benchmark[] = [latency, reports, intake, gate, memory, git];
/** Run only when named: they take long. */
const long: readonly Benchmark[] = [soak];

const usage = `Usage: npm run bench [-- <benchmark>…]

Measures, beside a floor and a peer in the same run. Ends with the targets; a missed one is told and is no failure.

${[...benchmarks, ...long].map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join('\n')}
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const named = [...benchmarks, ...long].filter(({ name }) => positionals.includes(name));
  const unknown = positionals.filter((name) => !named.some((each) => each.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no benchmark ${unknown.join(', ')}.\n\n${usage}`);
    return 2;
  }
  process.stdout.write(`${machine()}\n`);
  const targets: Target[] = [];
  for (const benchmark of positionals.length === 0 ? benchmarks : named) {
    targets.push(...(await run(benchmark)));
  }
  if (targets.length > 0) process.stdout.write(`\n${targetsText(targets)}`);
  return 0;
}

async function run({ name, summary, run: measure }: Benchmark): Promise<readonly Target[]> {
  process.stdout.write(`\n${name}: ${summary}\n`);
  const startedAt = performance.now();
  const report = await measure((step) => void process.stderr.write(`  … ${step}\n`));
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(`\n${reportText(report)}\n  (${seconds} s)\n`);
  return report.targets;
}

/** Figures mean nothing without it. */
function machine(): string {
  const load = loadavg()
    .map((average) => average.toFixed(2))
    .join(' ');
  return `Node ${process.versions.node}, ${type()} ${release()}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, load ${load}`;
}
