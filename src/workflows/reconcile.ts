import type { Reconciler } from '../store/store.ts';
import { reconcileRepository, type ReconcileRepositoryDeps } from './reconcile-repository.ts';
import { reviewChange, type ReviewChangeDeps } from './review-change.ts';

/** What a worker does with a woken subject. */
export function reconciler(deps: ReconcileRepositoryDeps & ReviewChangeDeps): Reconciler {
  return async (subject, wakes) => {
    switch (subject.kind) {
      case 'repository':
        return reconcileRepository(deps, subject.repository, wakes);
      case 'change':
        return reviewChange(deps, { repository: subject.repository, number: subject.number }, wakes);
    }
  };
}
