import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { configPaths, type Config } from '../config/config.ts';
import type { ConfigProblem, ConfigWarning } from '../config/problem.ts';
import { readConfig } from '../config/read-config.ts';
import { formatDuration } from '../config/duration.ts';
import { describeGate } from './gate-text.ts';
import { paint, type CheckOptions, type ExitCode, type Io, type Output } from './io.ts';

/** Tells whether the configuration of a directory is valid: 0 when it is, warnings or not, and 1 when it is broken or absent. */
export async function runCheck(io: Io, { directory, json }: CheckOptions): Promise<ExitCode> {
  const files = await readFiles(path.resolve(io.cwd, directory));
  const read = readConfig(files);
  if (json) {
    io.stdout.write(`${JSON.stringify(read, undefined, 2)}\n`);
    return read.kind === 'valid' ? 0 : 1;
  }
  switch (read.kind) {
    case 'absent':
      io.stderr.write(
        `${paint(io.stderr, 'red', 'error:')} There is no ${configPaths.join(', ')}; an empty one opts in.\n`,
      );
      for (const miss of await nearMisses(path.resolve(io.cwd, directory))) io.stderr.write(miss);
      return 1;
    case 'invalid':
      for (const problem of read.problems) tell(io.stderr, 'error', problem);
      return 1;
    case 'valid':
      for (const warning of read.warnings) tell(io.stderr, 'warning', warning);
      io.stdout.write(`${paint(io.stdout, 'green', 'valid:')} ${read.file}\n${describeConfig(read.config)}`);
      return 0;
  }
}

async function readFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const file of configPaths) {
    const text = await readFile(path.join(directory, file), 'utf8').catch(absent);
    if (text !== undefined) files.set(file, text);
  }
  return files;
}

/** Files with the other usual ending of YAML, which are not read. */
async function nearMisses(directory: string): Promise<string[]> {
  const misses: string[] = [];
  for (const file of configPaths) {
    const other = file.replace(/\.yml$/, '.yaml');
    const isThere = await access(path.join(directory, other)).then(
      () => true,
      () => false,
    );
    if (isThere) misses.push(`\`${other}\` is there; rename it to \`${file}\`.\n`);
  }
  return misses;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

/** `file:line:column: error: …`, which editors and terminals make a link of. */
function tell(output: Output, severity: 'error' | 'warning', entry: ConfigProblem | ConfigWarning): void {
  const label = paint(output, severity === 'error' ? 'red' : 'yellow', `${severity}:`);
  output.write(`${entry.file}:${entry.line}:${entry.column}: ${label} ${entry.message}\n`);
}

function describeConfig({ environments, images }: Config): string {
  const whole = 'one environment, named after the default branch, for every file';
  const names = environments.flatMap((environment) => {
    const { name, paths, after, soak } = environment;
    const later =
      after === undefined ? '' : `, after ${after}${soak === undefined ? '' : ` for ${formatDuration(soak)}`}`;
    return [`  ${name}: ${paths.join(', ')}${later}`, `    ${describeGate(environment)}`];
  });
  const rules = images.map(
    ({ match, rule }) => `  ${match}: ${rule === undefined ? 'ignored' : describeTags(rule.tags)}`,
  );
  return [
    ...(names.length === 0 ? [`environments: ${whole}`] : ['environments:', ...names]),
    ...(rules.length === 0 ? ['images: all, same-shape'] : ['images:', ...rules, '  any other: same-shape']),
    '',
  ].join('\n');
}

function describeTags(tags: NonNullable<Config['images'][number]['rule']>['tags']): string {
  switch (tags.kind) {
    case 'same-shape':
      return 'same-shape';
    case 'semver':
      return `semver ${tags.range}`;
    case 'pattern':
      return `pattern ${tags.pattern}`;
    case 'digest':
      return `digest of ${tags.tag}`;
  }
}
