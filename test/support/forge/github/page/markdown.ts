import { Marked, type TokenizerAndRendererExtension, type Tokens } from 'marked';
import sanitize from 'sanitize-html';
import { html, Html } from './html.ts';

/** Markdown as GitHub shows it in comments of a repository, with the HTML that GitHub lets through. */
export function markdown(text: string, repository: string): Html {
  const marked = new Marked({ gfm: true, breaks: true, renderer: { code }, extensions: [references(repository)] });
  const rendered = marked.parse(text, { async: false });
  return new Html(`<div class="markdown">${sanitize(rendered, allowed)}</div>`);
}

/** `#12` of this repository, and `acme/deploy#12` of another. */
function references(here: string): TokenizerAndRendererExtension {
  const pattern = /(?:\b([\w.-]+\/[\w.-]+)|(?<![\w&]))#(\d+)\b/;
  return {
    name: 'reference',
    level: 'inline',
    start: (text) => pattern.exec(text)?.index,
    tokenizer(text) {
      const found = pattern.exec(text);
      if (found?.index !== 0) return undefined;
      const [raw, repository = here, number = ''] = found;
      return { type: 'reference', raw, address: `/${repository}/pull/${number}` };
    },
    renderer: ({ raw, address }) => html`<a href="${String(address)}">${raw}</a>`.text,
  };
}

function code({ text, lang }: Tokens.Code): string | false {
  return lang === 'diff' ? diffBlock(text) : false;
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
