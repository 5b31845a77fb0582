import semver from 'semver';
import { z } from 'zod';
import { isTag } from '../domain/image.ts';
import { imageGlobFault, nameGlobFault, pathGlobFault } from './glob.ts';
import {
  because,
  duration,
  matching,
  patternFault,
  template,
  text,
  timeZone,
  webAddress,
  weekMoment,
} from './schema-values.ts';
import { setPlaceholders, sourcePlaceholders, tagPlaceholders } from './template.ts';

const MIN_WITHIN_MS = 60_000;

const notify = z
  .strictObject({
    slack: matching(
      /^#[^\s#@<>&A-Z]{1,80}$|^[CG][A-Z0-9]{7,20}$/,
      'a channel in quotes, such as `"#deploys"`, or its id, such as `C0123ABCDEF`',
    )
      .describe('The Slack channel: its name with `#` in front, in quotes, or its id.')
      .exactOptional(),
  })
  .describe('Where chats are told what becomes of deployments, and of what went around the gate.');

/**
 * The shape of a configuration file. The message of each leaf says what is allowed there; `explain.ts` makes the sentence.
 * What needs two places at once stands in `cross-checks.ts`. `docs/config.md` and `docs/tagalong.schema.json` are generated from
 * this, descriptions included.
 */
const environment = z
  .strictObject({
    paths: z
      .array(
        text('a glob over paths of this repository, such as `apps/*/staging/**`', (glob) =>
          because(pathGlobFault(glob)),
        ),
      )
      .min(1, 'at least one glob')
      .max(100, 'at most 100 globs')
      .describe(
        'Globs over the paths of this repository: the files that belong to this environment. `*` and `?` stay within a folder, `**` as a folder of its own crosses folders, `{a,b}` is either; dot files are like others. A file belongs to the first environment that matches it.',
      ),
    merge: z
      .enum(['auto', 'manual'])
      .default('manual')
      .describe(
        "`auto` merges the bot's own bumps, as long as nobody else has committed to them, as soon as the verdict passes; everything else, and everything with `manual`, is merged by people or by `/merge`.",
      ),
    after: text('the name of another environment')
      .describe('The environment that a version must be healthy in before it is proposed here.')
      .exactOptional(),
    soak: duration()
      .describe(
        'How long a version must have been healthy in `after`: a whole number and one of `s`, `m`, `h`, `d`, `w`.',
      )
      .exactOptional(),
    review: z
      .strictObject({
        approvals: z
          .int('a whole number, 0 or more')
          .min(0, 'a whole number, 0 or more')
          .max(100, 'a whole number up to 100')
          .describe(
            "How many people must approve: neither the author of the change, nor anybody who committed to it or to the application commits in it, nor a bot. Left out: one, and none for the bot's own untouched bump where `merge: auto` stands.",
          )
          .exactOptional(),
        from: z
          .array(
            matching(/^@[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)*$/, 'a person or team with `@` in front, such as `@acme/sre`'),
          )
          .describe('Whose approvals count: people and teams, such as `@acme/sre`. Left out: anybody who may write.')
          .exactOptional(),
        codeowners: z
          .boolean('`true` or `false`')
          .describe('Whether code owners of the touched paths must approve too.')
          .exactOptional(),
        forbid: z
          .array(z.enum(['plain-secret'], '`plain-secret`'))
          .default(['plain-secret'])
          .describe(
            'What must not be in the rendered result of a change: `plain-secret` is a Kubernetes Secret with readable values that the change adds or alters. An empty list allows everything.',
          ),
      })
      .describe(
        'What a change needs before it merges. It is read from the branch that the change goes to, never from the change itself.',
      )
      .exactOptional(),
    freeze: z
      .array(
        z
          .strictObject({
            from: weekMoment().describe('When the freeze begins, every week: `Fri 17:00`.'),
            to: weekMoment().describe('When it ends, every week: `Mon 08:00`.'),
            zone: timeZone().default('UTC').describe('The time zone of both, by its IANA name.'),
            reason: text('text').describe('What people are told.').exactOptional(),
          })
          .refine(({ from, to }) => from !== to, 'a `to` that differs from `from`'),
      )
      .describe('Times of the week in which nothing merges.')
      .exactOptional(),
    deploys: z
      .array(
        text('a glob over names of applications, such as `shop-production`', (glob) => because(nameGlobFault(glob))),
      )
      .min(1, 'at least one glob')
      .max(100, 'at most 100 globs')
      .describe(
        'Globs over the names by which deploy tools report, such as `shop-production` or `Kustomization/flux-system/apps`: the applications that deploy this environment. A report that names an environment, or a folder of one, needs none of them. Left out: the applications that have the name of this environment in theirs, as a word.',
      )
      .exactOptional(),
    url: webAddress('an address that begins with `https://` or `http://`')
      .describe('Where what is deployed here is reached; shown beside deployments.')
      .exactOptional(),
    notify: notify
      .describe('Where chats are told about this environment, instead of what stands at the top.')
      .exactOptional(),
  })
  .describe('A named set of paths with its own policy.');

const tags = z.union([
  z
    .enum(['same-shape', 'ignore'])
    .describe('`same-shape` follows tags of the shape of the one that stands there; `ignore` follows none.'),
  z
    .strictObject({
      semver: text('a range of semantic versions, such as `>=1.0.0` or `~2.4`', (range) =>
        range.trim() === '' || semver.validRange(range) === null ? {} : undefined,
      )
        .describe('The greatest version within a range, as npm reads ranges.')
        .exactOptional(),
      pattern: text('a regular expression, such as `^main-[0-9a-f]{7,40}$`', patternFault)
        .describe(
          'Tags in which a regular expression is found (`^…$` for the whole tag); the one published last is the newest. The language is RE2: no look-around, no back-references.',
        )
        .exactOptional(),
      digest: text('a tag, such as `latest`', (tag) => (isTag(tag) ? undefined : {}))
        .describe('One moving tag, whose newest digest is followed.')
        .exactOptional(),
    })
    .refine((policy) => Object.keys(policy).length === 1, 'exactly one of `semver`, `pattern` and `digest`')
    .meta({ minProperties: 1, maxProperties: 1 }),
]);

const image = z
  .strictObject({
    match: text('a name of images without tag, such as `ghcr.io/acme/*`', (glob) =>
      because(imageGlobFault(glob)),
    ).describe(
      'Which images this is about: a glob over their names, as in `paths`, but case does not count. `nginx` and `docker.io/library/nginx` are the same image and either matches. An image takes the first entry that matches it.',
    ),
    tags: tags.default('same-shape').describe('Which tags are followed.'),
    source: template('a repository, such as `acme/{name}`', sourcePlaceholders)
      .describe(
        "The application repository, whatever events and labels of the image say; `{name}` is the last part of the image's name. Default: what they say, of the same owner.",
      )
      .exactOptional(),
    on: z
      .enum(['publish', 'push'])
      .default('publish')
      .describe(
        'When a version is proposed: when its image is published, or already when its branch is pushed (needs `tag`).',
      ),
    tag: template('a tag such as `{branch}-{commit.short}`', tagPlaceholders, (literal) => /^[\w.-]*$/.test(literal))
      .describe('With `on: push`: the tag that the build will publish.')
      .exactOptional(),
    set: z
      .array(
        z.strictObject({
          path: matching(
            /^[^.\s][^\s]*[^.\s]$|^[^.\s]$/,
            'mapping keys joined by dots, such as `metadata.labels.commitHash`',
          ).describe(
            'Mapping keys joined by dots. Every field whose path ends so is meant, in the documents that hold the version; a number is a position in a list. Fields that are not there are not added.',
          ),
          value: template('text', setPlaceholders).describe(
            'The text to write, with placeholders: `{commit}`, `{commit.short}`, `{date}`, `{branch}`, `{tag}`, `{name}`, `{digest}`.',
          ),
        }),
      )
      .default([])
      .describe('Further fields that are written together with the version.'),
  })
  .describe('What holds for the images that match.');

export const configSchema = z
  .strictObject({
    version: z.literal(1, '`1`').describe('The version of this language.'),
    environments: z
      .record(
        matching(
          /^(?!\d+$)[A-Za-z0-9][\w.-]{0,62}$/,
          'a name of letters, digits, `.`, `_` and `-`, at most 63 of them, and not a mere number',
        ),
        environment,
      )
      .refine((environments) => Object.keys(environments).length > 0, 'at least one environment, or leave the word out')
      .describe(
        'The environments of this repository by name. Left out: one environment named after the default branch that covers every file. With environments, files that belong to none are left alone.',
      )
      .exactOptional(),
    images: z
      .array(image)
      .default([])
      .describe('Rules for images. Images that match no entry follow `same-shape`, as with no entries at all.'),
    deploys: z
      .strictObject({
        within: duration()
          .refine((within) => within >= MIN_WITHIN_MS, 'at least `1m`')
          .prefault('30m')
          .describe(
            'How long after a merge a deploy tool may be silent: a whole number and one of `s`, `m`, `h`, `d`, `w`. After that the deployment is told as unknown, not as done.',
          ),
      })
      .describe('What is expected of deploy tools.')
      .exactOptional(),
    bypass: z
      .strictObject({
        tell: z
          .array(z.enum(['check', 'issue', 'chat']))
          .default(['check'])
          .describe(
            'Where it is told: `check` on the commit, `issue` in this repository, `chat` as `notify` says. An empty list leaves it to the audit log, which always has it.',
          ),
      })
      .describe('What happens when a commit reaches the branch without having passed the gate.')
      .exactOptional(),
    notify: notify.exactOptional(),
  })
  .describe('The configuration of Tagalong in a manifest repository.');

export type RawConfig = z.output<typeof configSchema>;
export type RawEnvironment = z.output<typeof environment>;
export type RawImage = z.output<typeof image>;
