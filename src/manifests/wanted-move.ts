import type { SetField } from '../domain/policy.ts';
import type { Version } from '../domain/version.ts';
import type { FoundSite } from './found-site.ts';
import type { TemplateValues } from './template.ts';

/** A site that is to go to a version, and what is to be written beside it. */
export interface WantedMove {
  readonly site: FoundSite;
  readonly to: Version;
  readonly set?: readonly SetField[];
  /** What `commit`, `date` and `branch` are; the rest follows from the site and the version. */
  readonly values?: Pick<TemplateValues, 'commit' | 'date' | 'branch'>;
}
