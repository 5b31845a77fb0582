import { repositoryKey } from '../domain/repository.ts';
import type { Reconciler } from '../store/store.ts';
import { reconcileRepository, type ReconcileRepositoryDeps } from './reconcile-repository.ts';
import { reviewChange, type ReviewChangeDeps } from './review-change.ts';

/** What a worker does with a woken subject. */
export function reconciler(deps: Omit<ReconcileRepositoryDeps, 'isInStep'> & ReviewChangeDeps): Reconciler {
  // What was pushed while nobody listened, and what an interrupted run has written, is not known before one run has come to its end.
  const inStep = new Set<string>();
  return async (subject, wakes) => {
    switch (subject.kind) {
      case 'repository': {
        const key = repositoryKey(subject.repository);
        const isInStep = inStep.delete(key);
        await reconcileRepository({ ...deps, isInStep }, subject.repository, wakes);
        inStep.add(key);
        return;
      }
      case 'change':
        return reviewChange(deps, { repository: subject.repository, number: subject.number }, wakes);
    }
  };
}
