import { describe, expect, test } from 'vitest';
import { find, match } from './routes';

describe('match', () => {
  const fits: [string, string, Record<string, string> | null][] = [
    ['/', '/', {}],
    ['/devices', '/devices', {}],
    ['/devices', '/devices/', {}],
    ['/devices/:id', '/devices/7', { id: '7' }],
    ['/a/:one/b/:two', '/a/x/b/y', { one: 'x', two: 'y' }],
    ['/devices/:id', '/devices/a%20b%2Fc', { id: 'a b/c' }],
    ['/devices/:id', '/devices/%', { id: '%' }],
    ['/devices/:id', '/devices', null],
    ['/devices', '/devices/7', null],
    ['/devices', '/people', null],
    ['/devices', '/Devices', null],
  ];
  test.each(fits)('%s on %s', (pattern, path, expected) => {
    expect(match(pattern, path)).toEqual(expected);
  });
});

test('the first route that fits is taken', () => {
  const routes = [
    ['/devices/new', 'form'],
    ['/devices/:id', 'device'],
  ] as const;

  expect(find(routes, '/devices/new')).toEqual({ page: 'form', params: {} });
  expect(find(routes, '/devices/7')).toEqual({ page: 'device', params: { id: '7' } });
  expect(find(routes, '/people')).toBeNull();
});
