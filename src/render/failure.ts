import type { RenderResult, RenderUnit } from './render.ts';
import type { Workspace } from './workspace.ts';

const MAX_MESSAGE_CHARACTERS = 2_000;

/** Masking costs their number times the length of the message. */
const MAX_SECRETS = 50_000;

/** A failed rendering. The message is shown to people as it is: nothing secret may be in it any more. */
export function failure(
  unit: RenderUnit,
  message: string,
  code: 'render-failed' | 'tool-missing' = 'render-failed',
): RenderResult {
  return { ok: false, unit, code, message: cut(message) };
}

/**
 * A renderer's message with paths as the repository has them, and with every secret that it may quote masked.
 * @param secrets undefined where they are not all known
 */
export function cleanMessage(message: string, workspace: Workspace, secrets: readonly string[] | undefined): string {
  if (secrets === undefined || secrets.length > MAX_SECRETS)
    return 'What it complains of is left out: its files hold too much to look for secrets in.';
  const withoutPaths = message
    .slice(0, 10 * MAX_MESSAGE_CHARACTERS)
    .replace(/(?<=\n)[^\n]*$/, (last) => (message.length > 10 * MAX_MESSAGE_CHARACTERS ? '' : last))
    .replaceAll(`${workspace.root}/`, '')
    .replaceAll(workspace.root, '.')
    .replaceAll(`${workspace.home}/`, '')
    .replaceAll(workspace.home, '.');
  return secrets.reduce((text, secret) => mask(text, secret), withoutPaths).replace(/^Error: /, '');
}

/** Go's YAML library quotes long scalars by their first seven characters. */
function mask(text: string, secret: string): string {
  const masked = text.replaceAll(secret, '•••');
  return secret.length > 7 ? masked.replaceAll(`${secret.slice(0, 7)}...`, '•••') : masked;
}

function cut(message: string): string {
  const text = message.trim();
  return text.length <= MAX_MESSAGE_CHARACTERS ? text : `${text.slice(0, MAX_MESSAGE_CHARACTERS)} … (cut)`;
}
