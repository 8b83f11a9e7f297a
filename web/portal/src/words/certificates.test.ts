import { expect, test } from 'vitest';
import { commonName, nameOfCertificate, reasonsFor } from './certificates';

test('the common name is found wherever it stands, and read without its escapes', () => {
  expect(commonName('CN=Alice Example,O=Example')).toBe('Alice Example');
  expect(commonName('O=Example,CN=Example\\, Alice')).toBe('Example, Alice');
  expect(commonName('O=XCN=1,OU=Mail')).toBe('O=XCN=1,OU=Mail');
  expect(commonName('')).toBe('');
});

test('the certificate of a device is called by the device', () => {
  const subject = 'CN=0191c2c0-0000-7000-8000-000000000000';
  const device = { id: '1', name: 'Tablet' };
  expect(nameOfCertificate({ subject, device, profile: 'device' })).toBe('Tablet');
  expect(nameOfCertificate({ subject, device: null, profile: 'device' })).toBe('0191c2c0-0000-7000-8000-000000000000');
});

test('only an authority can be revoked because of the key of an authority, and nobody for a hold', () => {
  expect(reasonsFor('authority')).toContain('ca_compromise');
  expect(reasonsFor('person')).not.toContain('ca_compromise');
  expect(reasonsFor('authority')).not.toContain('certificate_hold');
});
