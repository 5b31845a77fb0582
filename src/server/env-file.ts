import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';

/** The variables of a file of `NAME=value` lines, none where there is no file. */
export async function readEnvFile(file: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return parseEnv(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Sets variables in a file and keeps its others. It appears whole or not at all, and only its owner may read it. */
export async function updateEnvFile(file: string, values: Readonly<Record<string, string>>): Promise<void> {
  const merged = { ...(await readEnvFile(file)), ...values };
  const lines = Object.entries(merged).map(([name, value = '']) => `${name}=${quote(value)}\n`);
  await mkdir(path.dirname(file), { recursive: true });
  const scratch = `${file}.${process.pid}.tmp`;
  await writeFile(scratch, lines.join(''), { mode: 0o600, flush: true });
  await rename(scratch, file);
}

/** Inside single quotes and backticks everything stands for itself. */
function quote(value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return value;
  const mark = ["'", '`', '"'].find((each) => !value.includes(each));
  if (mark === undefined || (mark === '"' && value.includes('\\'))) throw new Error('a value has every kind of quotes');
  return `${mark}${value}${mark}`;
}
