import { repositoryKey } from '../domain/repository.ts';
import type { Reconciler } from '../store/store.ts';
import { reconcileChange, type ReconcileChangeDeps } from './reconcile-change.ts';
import { reconcileRepository, type ReconcileRepositoryDeps } from './reconcile-repository.ts';
import { reconcileDeploys, type ReportDeployDeps } from './report-deploy.ts';

export type ReconcilerDeps = Omit<ReconcileRepositoryDeps, 'isInStep'> & ReconcileChangeDeps & ReportDeployDeps;

/** What a worker does with a woken subject. */
export function reconciler(deps: ReconcilerDeps): Reconciler {
  // What was pushed while nobody listened, and what an interrupted run has written, is not known before one run has come to its end.
  const inStep = new Set<string>();
  return async (subject, wakes) => {
    const { repository } = subject;
    switch (subject.kind) {
      case 'repository': {
        const key = repositoryKey(repository);
        const isInStep = inStep.delete(key);
        await reconcileRepository({ ...deps, isInStep }, repository, wakes);
        inStep.add(key);
        return;
      }
      case 'change':
        return reconcileChange(deps, { repository, number: subject.number }, wakes);
      case 'deploys':
        return reconcileDeploys(deps, repository, wakes);
    }
  };
}
