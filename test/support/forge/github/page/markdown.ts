import { Marked } from 'marked';
import sanitize from 'sanitize-html';
import { html, Html } from './html.ts';

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    code({ text, lang }) {
      return lang === 'diff' ? diffBlock(text) : false;
    },
  },
});

/** Markdown as GitHub shows it in comments, with the HTML that GitHub lets through. */
export function markdown(text: string): Html {
  const rendered = marked.parse(text, { async: false });
  return new Html(`<div class="markdown">${sanitize(rendered, allowed)}</div>`);
}

const allowed: sanitize.IOptions = {
  allowedTags: [...sanitize.defaults.allowedTags, 'img', 'details', 'summary', 'input', 'del', 'ins'],
  allowedAttributes: {
    ...sanitize.defaults.allowedAttributes,
    details: ['open'],
    input: ['type', 'checked', 'disabled'],
    span: ['class'],
    code: ['class'],
    th: ['align'],
    td: ['align'],
  },
};

function diffBlock(text: string): string {
  const lines = text.split('\n').map((line) => html`<span class="${diffClass(line)}">${line} </span>`);
  return html`<pre><code class="diff">${lines}</code></pre>`.text;
}

function diffClass(line: string): string {
  if (line.startsWith('@@') || line.startsWith('---') || line.startsWith('+++')) return 'range';
  if (line.startsWith('+')) return 'added';
  return line.startsWith('-') ? 'removed' : 'context';
}
