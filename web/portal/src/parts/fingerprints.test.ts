import { expect, test } from 'vitest';
import { fingerprints } from './fingerprints';

const one = 'ab'.repeat(32);
const other = '0c'.repeat(32);

test('fingerprints are taken as tools write them', () => {
  const colons = one.toUpperCase().match(/../g)?.join(':') ?? '';

  expect(fingerprints('')).toEqual([]);
  expect(fingerprints(` ${one}, ${other};`)).toEqual([one, other]);
  expect(fingerprints(`${colons}\n${other}`)).toEqual([one, other]);
  expect(fingerprints(`sha256 Fingerprint=${colons}`)).toEqual([one]);
  expect(fingerprints('no fingerprint')).toEqual(['no', 'fingerprint']);
});
