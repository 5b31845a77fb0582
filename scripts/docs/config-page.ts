import { notInForce } from '../../src/config/in-force.ts';
import { alternativesOf, configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { page, table } from './markdown.ts';

export function configPage(): string {
  return page('Configuration', '`src/config/schema.ts`', [
    intro,
    `\`\`\`yaml\n${configExample}\`\`\``,
    ...sections(configJsonSchema(), []),
    sameShape,
    problems,
  ]);
}

/** Valid, and every word of the language is in it. */
export const configExample = `version: 1
environments:
  staging:
    paths: ["apps/*/overlays/staging/**"]
    merge: auto
    deploys: ["*-staging"]
    url: https://staging.shop.example.com
  production:
    paths: ["apps/*/overlays/production/**"]
    after: staging
    soak: 30m
    review: { approvals: 2, from: ["@acme/sre"], codeowners: true, forbid: [plain-secret] }
    freeze: [{ from: "Fri 17:00", to: "Mon 08:00", zone: Asia/Tokyo, reason: weekend }]
    notify: { slack: "#production" }
images:
  - match: ghcr.io/acme/legacy-*
    tags: ignore
  - match: nginx
    tags: { semver: "~1.27" }
  - match: ghcr.io/acme/nightly
    tags: { pattern: "^main-[0-9a-f]{7,40}$" }
  - match: ghcr.io/acme/tools
    tags: { digest: latest }
  - match: ghcr.io/acme/*
    tags: same-shape
    source: acme/{name}
    on: push
    tag: "{branch}-{commit.short}"
    set:
      - { path: metadata.labels.commitHash, value: "{commit.short}" }
      - { path: metadata.labels.deployDate, value: "{date}" }
deploys: { within: 30m }
bypass: { tell: [check, issue] }
notify: { slack: "#deploys" }
`;

const intro = `A repository opts in by a file \`.tagalong.yml\` on its default branch; \`.github/tagalong.yml\` and \`.gitlab/tagalong.yml\`
will do as well, but only one of them may be there. An empty file is enough: then every image that the repository mentions is followed where
a newer tag of the same shape is published, in one environment named after the default branch.

\`tagalong check <dir>\` reads the file as the bot does. [\`tagalong.schema.json\`](tagalong.schema.json) describes it for editors.`;

const sameShape = `## The same-shape rule

A published tag is followed where it has the shape of the tag that stands there, and never backwards.

| What stands there | What follows it |
| --- | --- |
| \`1.4.2\`, \`v1.4\`, \`1.4.2-alpine\` | a greater version of the same precision, prefix and suffix; a pre-release only where one stands |
| \`main-3f2a91c\` | the same text in front of a commit hash, published later |
| \`593e9dd\` | a commit hash, published later |
| \`2024-11-02.3\` | a later date of the same layout |
| \`latest\`, \`main\`, \`edge\` | the tag stays; its digest moves, where a digest stands |`;

const problems = `## When the file is wrong

Everything that is wrong is told at once, in a check on the commit: with line and column, what stands there, what may stand there, and the
valid word that is nearest. Until it is put right nothing is proposed in the repository; a broken file never counts as an empty one. The
file is YAML 1.2, so that \`on\` is a word, and \`yes\` is text and not \`true\`. A value that looks like a number where text is wanted
(\`1.10\`) needs quotes.`;

function sections(schema: JsonSchema, path: readonly string[]): string[] {
  return alternativesOf(schema).flatMap((alternative) => {
    const { properties, items, additionalProperties } = alternative;
    if (items !== undefined) return sections(items, [...path.slice(0, -1), `${path.at(-1) ?? ''}[]`]);
    if (typeof additionalProperties === 'object') return sections(additionalProperties, [...path, '<name>']);
    if (properties === undefined) return [];
    const title = path.length === 0 ? '## The file' : `## \`${path.join('.')}\``;
    const rows = Object.entries(properties).map(([name, child]) => row(name, child, alternative, path));
    const inner = Object.entries(properties).flatMap(([name, child]) => sections(child, [...path, name]));
    return [title, ...intoText(alternative), table(['Word', 'Value', 'Default', 'Meaning'], rows), ...inner];
  });
}

function intoText({ description }: JsonSchema): string[] {
  return description === undefined ? [] : [description];
}

function row(name: string, schema: JsonSchema, parent: JsonSchema, path: readonly string[]): string[] {
  const isRequired = parent.required?.includes(name) ?? false;
  const preset = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default).replace(/^"(.*)"$/, '$1')}\``;
  const words = (schema.anyOf ?? []).filter((alternative) => alternative.enum !== undefined).flatMap(intoText);
  const meaning = [...intoText(schema), ...words, ...withoutEffect([...path, name])];
  return [`\`${name}\``, kindOf(schema), isRequired ? '*required*' : preset, meaning.join(' ')];
}

function kindOf(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindOf).join(', or ');
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items?.type === 'object' ? 'mappings' : 'texts'}`;
    case 'object':
      return 'mapping';
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    default:
      return schema.type ?? '';
  }
}

/** The rows of `notInForce` name a path by `*`, the headings of this page by `<name>` and `[]`. */
function withoutEffect(path: readonly string[]): string[] {
  const pattern = path.flatMap((step) =>
    step.endsWith('[]') ? [step.slice(0, -2), '*'] : [step === '<name>' ? '*' : step],
  );
  return notInForce
    .filter((word) => word.path.join('.') === pattern.join('.'))
    .map(
      ({ value, instead }) =>
        `**${value === undefined ? 'Read' : `\`${value}\` is read`}, and not in force in this version: ${instead}.**`,
    );
}
