import type { ChangedFile } from '../world/diffs.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { icon } from './icons.ts';

/** Changed files with the numbers of their lines, as one reads them on a forge. */
export function diffView(files: readonly ChangedFile[]): Html {
  return html`<div class="files">${files.map(fileView)}</div>`;
}

function fileView(file: ChangedFile): Html {
  return html`<section class="box file">
    <header>
      ${icon('file', 'muted')} <code>${file.path}</code> ${changeCount(file)}
      <span class="muted">${file.status === 'modified' ? '' : file.status}</span>
    </header>
    <table class="lines">
      ${
        file.patch === undefined
          ? html`<tr>
              <td class="muted">Binary file not shown.</td>
            </tr>`
          : patchRows(file.patch)
      }
    </table>
  </section>`;
}

export function changeCount({ additions, deletions }: Pick<ChangedFile, 'additions' | 'deletions'>): Html {
  return html`<span class="plus">+${additions}</span> <span class="minus">−${deletions}</span>`;
}

function patchRows(patch: string): Html[] {
  let before = 0;
  let after = 0;
  return patch.split('\n').map((line) => {
    const range = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (range !== null) {
      before = Number(range[1]);
      after = Number(range[2]);
      return html`<tr class="range">
        <td></td>
        <td></td>
        <td><pre>${line}</pre></td>
      </tr>`;
    }
    const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'context';
    if (line.startsWith('\\'))
      return html`<tr class="range">
        <td></td>
        <td></td>
        <td><pre>${line}</pre></td>
      </tr>`;
    const left = kind === 'added' ? undefined : before++;
    const right = kind === 'removed' ? undefined : after++;
    return html`<tr class="${kind}">
      <td class="number">${left}</td>
      <td class="number">${right}</td>
      <td><pre>${line}</pre></td>
    </tr>`;
  });
}
