import { createTellingWorld } from '../forge/github/telling-world.ts';
import { tellingContract } from './telling-contract.ts';

tellingContract('GitHub', () => createTellingWorld());
