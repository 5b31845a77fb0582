import { describe, expect, test } from 'vitest';
import { environmentsOf } from '../../src/deploys/environment.ts';
import { deploysPlaces } from '../../src/deploys/places.ts';
import { files, landscape } from './facts.ts';

const two = landscape(['staging', 'production'], files);

describe('the environment of a report', () => {
  test.each([
    ['that it names', { environment: 'Production', application: 'shop-staging' }, ['production']],
    ['of its folder', { path: 'apps/shop/overlays/production', application: 'shop-staging' }, ['production']],
    [
      'of its folder, however deep',
      { path: 'apps/shop/overlays/staging/kustomization.yaml', application: 'x' },
      ['staging'],
    ],
    ['in its name', { application: 'shop-staging' }, ['staging']],
    [
      'in its name, whatever stands between words',
      { application: 'Kustomization/flux-system/shop.staging' },
      ['staging'],
    ],
    ['in its name, among those of its folder', { path: 'apps/shop', application: 'shop-production' }, ['production']],
    [
      'all of its folder, where the name is silent',
      { path: 'apps/shop', application: 'shop' },
      ['staging', 'production'],
    ],
    ['all, for the root', { path: '', application: 'everything' }, ['staging', 'production']],
  ])('%s', (_, report, environments) => {
    expect(environmentsOf(report, two)).toEqual({ ok: true, environments });
  });

  test.each([
    ['a name that is not there', { environment: 'qa', application: 'shop-staging' }, 'does not have'],
    ['a word that is part of another', { application: 'shop-stagingx' }, 'nothing tells'],
    ['two of them', { application: 'staging-to-production' }, 'nothing tells'],
    ['none', { application: 'shop' }, 'nothing tells'],
    ['a folder of none', { path: 'charts/shop', application: 'shop' }, 'nothing tells'],
  ])('is not known by %s', (_, report, reason) => {
    expect(environmentsOf(report, two)).toEqual({ ok: false, reason: expect.stringContaining(reason) as unknown });
  });

  test('the configuration goes before the name', () => {
    const told = landscape(['staging', 'production'], files, { production: ['live', 'shop-staging'] });
    expect(environmentsOf({ application: 'live' }, told)).toEqual({ ok: true, environments: ['production'] });
    expect(environmentsOf({ application: 'shop-staging' }, told)).toEqual({ ok: true, environments: ['production'] });
  });

  test('there is no choice with one environment; a report that names another is of somewhere else', () => {
    const one = landscape(['main'], []);
    expect(environmentsOf({ application: 'anything' }, one)).toEqual({ ok: true, environments: ['main'] });
    expect(environmentsOf({ application: 'anything', environment: 'dev' }, one)).toMatchObject({ ok: false });
  });

  test('the longer name is meant where one is within the other', () => {
    const regions = landscape(['staging', 'staging-eu'], []);
    expect(environmentsOf({ application: 'shop-staging-eu' }, regions)).toEqual({
      ok: true,
      environments: ['staging-eu'],
    });
    expect(environmentsOf({ application: 'shop-staging-us' }, regions)).toEqual({
      ok: true,
      environments: ['staging'],
    });
  });
});

describe('the bumps of an environment that an application deploys', () => {
  const folders = ['apps', 'apps/shop', 'apps/shop/overlays', 'apps/shop-api', 'apps/cart', 'apps/cart/worker'];
  const deploys = (
    application: string,
    place: string,
    tool: 'argo-cd' | 'flux' | 'spinnaker' = 'argo-cd',
    path?: string,
  ) => deploysPlaces({ tool, application, ...(path !== undefined && { path }) }, 'staging', folders)([place]);

  test.each([
    ['shop-staging', 'apps/shop/overlays/k.yaml', true],
    ['shop-staging', 'apps/cart/k.yaml', false],
    ['staging-shop-api', 'apps/shop-api/k.yaml', true],
    ['staging-shop-api', 'apps/shop/k.yaml', false],
    ['shop', 'apps/shop-api/k.yaml', false],
    ['cart-worker', 'apps/cart/worker/k.yaml', true],
    ['cart-worker', 'apps/cart/k.yaml', false],
    ['cart', 'apps/cart/worker/k.yaml', true],
    ['apps-staging', 'apps/cart/k.yaml', true],
    ['staging', 'apps/cart/k.yaml', true],
    ['platform', 'apps/cart/k.yaml', true],
  ])('%s and %s: %s', (application, place, expected) => {
    expect(deploys(application, place)).toBe(expected);
  });

  test('of a Flux object only its own name counts, of a pipeline only its application', () => {
    expect(deploys('Kustomization/shop/cart', 'apps/shop/k.yaml', 'flux')).toBe(false);
    expect(deploys('Kustomization/shop/cart', 'apps/cart/k.yaml', 'flux')).toBe(true);
    expect(deploys('cart/Deploy the shop', 'apps/shop/k.yaml', 'spinnaker')).toBe(false);
  });

  test('a folder decides alone', () => {
    expect(deploys('shop', 'apps/cart/k.yaml', 'argo-cd', 'apps/cart')).toBe(true);
    expect(deploys('shop', 'apps/shop/k.yaml', 'argo-cd', 'apps/cart')).toBe(false);
    expect(deploys('shop', 'apps/shop-api/k.yaml', 'argo-cd', 'apps/shop')).toBe(false);
    expect(deploys('shop', 'anything', 'argo-cd', '')).toBe(true);
  });
});
