import { appOperations } from './apps.ts';
import { checkOperations } from './checks.ts';
import { deliveryOperations } from './deliveries.ts';
import { deployOperations } from './deploys.ts';
import { gitDataOperations } from './git-data.ts';
import { issueOperations } from './issues.ts';
import { trackerOperations } from './tracker.ts';
import { ruleOperations } from './rules.ts';
import { metaOperations } from './meta.ts';
import type { Operation } from './operation.ts';
import { pullOperations } from './pulls.ts';
import { repositoryOperations } from './repositories.ts';
import { teamOperations } from './teams.ts';

/** Every operation of the REST API that is served. */
export const operations: readonly Operation[] = [
  ...metaOperations,
  ...appOperations,
  ...deliveryOperations,
  ...repositoryOperations,
  ...gitDataOperations,
  ...pullOperations,
  ...issueOperations,
  ...trackerOperations,
  ...ruleOperations,
  ...checkOperations,
  ...deployOperations,
  ...teamOperations,
];
