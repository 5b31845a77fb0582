import { createReviewWorld } from '../forge/github/review-world.ts';
import { reviewContract } from './review-contract.ts';

reviewContract('GitHub', () => createReviewWorld());
