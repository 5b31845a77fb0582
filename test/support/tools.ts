import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { describe } from 'vitest';

/** Where the renderers are looked for in tests: as the program itself does. */
export const toolSettings = {
  kustomize: process.env['KUSTOMIZE_PATH'] ?? 'kustomize',
  helm: process.env['HELM_PATH'] ?? 'helm',
  searchPath: process.env['PATH'] ?? '',
};

/**
 * Tests that need real renderers. Without them they are skipped, and the reporter's title says what is missing; on CI they run all the
 * same and fail.
 */
export function describeWithTools(tools: readonly ('kustomize' | 'helm')[], name: string, tests: () => void): void {
  const missing = tools.filter((tool) => !isInstalled(toolSettings[tool]));
  if (missing.length === 0 || process.env['CI'] === 'true') {
    describe(name, tests);
  } else {
    process.stderr.write(`SKIPPED: ${name}: ${missing.join(' and ')} not found\n`);
    describe.skip(`${name} (SKIPPED: ${missing.join(' and ')} not found)`, tests);
  }
}

function isInstalled(command: string): boolean {
  const candidates = command.includes('/')
    ? [command]
    : toolSettings.searchPath.split(delimiter).map((folder) => join(folder, command));
  return candidates.some(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
