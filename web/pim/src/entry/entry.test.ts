import { describe, expect, test } from 'vitest';
import type { Problem } from '@cordon/kit';
import { ending } from './ending';
import { faultOf, renewFault } from './faults';
import { looksLikePkcs12, readInvitation, toBase64 } from './invitation';
import { checkPassword } from './rules';

const code = 'AAAQEAYEAUDAOCAJBIFQYDIOB4';
const pin = 'x'.repeat(43);

describe('an invitation link', () => {
  test.each([
    [`https://mail.example/join#code=${code}&pin=${pin}`, 'mail.example'],
    [`  https://mail.example:8443/join#pin=${pin}&code=${code.toLowerCase()}\n`, 'mail.example:8443'],
    [`http://mail.example/join#code=${code}&pin=${pin}`, null],
    [`https://mail.example/join?code=${code}&pin=${pin}`, null],
    [`https://mail.example/other#code=${code}&pin=${pin}`, null],
    [`https://mail.example/join#code=${code.slice(1)}&pin=${pin}`, null],
    [`https://mail.example/join#code=${code}`, null],
    ['mail.example', null],
    ['', null],
  ])('%j', (link, host) => {
    expect(readInvitation(link)?.host ?? null).toBe(host);
  });
});

test.each([
  [[0x30, 0x82, 0x08, 0x00, 0x02, 0x01, 0x03], true],
  [[0x30, 0x40, 0x02, 0x01, 0x03], true],
  [[0x30, 0x80, 0x02, 0x01, 0x03], true],
  [[0x30, 0x82, 0x08, 0x00, 0x02, 0x01, 0x00], false],
  [[0x25, 0x50, 0x44, 0x46], false],
  [[], false],
])('bytes that begin with %j', (start, expected) => {
  const bytes = new Uint8Array(64);
  bytes.set(start);
  expect(looksLikePkcs12(start.length === 0 ? new Uint8Array() : bytes)).toBe(expected);
});

test.each([
  ['pkcs12_several_keys', 'pim-register-fault-several-keys'],
  ['pkcs12_too_expensive', 'pim-register-fault-expensive'],
  ['pkcs12_unsupported', 'pim-register-fault-encryption'],
  ['pkcs12_unusable', 'pim-register-fault-damaged'],
])('%s is said beside the certificate file', (code, words) => {
  const problem = { status: 422, code, facts: {} } as Problem;
  expect(faultOf(problem)).toEqual({ step: 'certificate', field: 'file', words });
});

test('bytes become base64 in any length', () => {
  expect(toBase64(new Uint8Array([0, 255, 16]))).toBe('AP8Q');
  expect(toBase64(new Uint8Array(100_000)).length).toBe(133_336);
});

const none = {
  minimum_length: 0,
  digit: false,
  letter: false,
  upper_and_lower: false,
  symbol: false,
  kinds: 0,
  no_sequences: false,
  history: 0,
  days: 0,
  forbidden_words: [] as string[],
};

test.each([
  ['Sommer-27', ['length:false', 'upper_and_lower:true', 'digit:true', 'symbol:true']],
  ['sommerregen im mai', ['length:true', 'upper_and_lower:false', 'digit:false', 'symbol:false']],
  ['ÄÖÜäöüÄÖÜäöü٣€', ['length:true', 'upper_and_lower:true', 'digit:true', 'symbol:true']],
  ['👍👍👍👍👍👍', ['length:false', 'upper_and_lower:false', 'digit:false', 'symbol:true']],
])('the rules for %j', (password, expected) => {
  const rules = { ...none, minimum_length: 12, digit: true, upper_and_lower: true, symbol: true };
  expect(checkPassword(password, rules).map(({ rule, kept }) => `${rule}:${kept}`)).toEqual(expected);
});

test.each([
  ['Alaaf-KÖLN-11', false],
  ['myCordon2', false],
  ['Kaln-cordan', true],
])('forbidden words in %j', (password, kept) => {
  const rules = { ...none, forbidden_words: ['Köln', 'cordon'] };
  expect(checkPassword(password, rules).at(-1)).toEqual({ rule: 'forbidden_words', kept });
});

test.each([
  ['Zürich-8001', []],
  ['5829-7316', ['letter', 'kinds']],
  ['zürich8001', ['kinds']],
  ['Zürich-1234', ['no_sequences']],
  ['Zürich-4321', ['no_sequences']],
  ['Zürich-9999', ['no_sequences']],
  ['Zürich-1357', []],
])('the rules of a mail server for %j', (password, broken) => {
  const rules = { ...none, letter: true, kinds: 3, no_sequences: true };
  expect(
    checkPassword(password, rules)
      .filter(({ kept }) => !kept)
      .map(({ rule }) => rule),
  ).toEqual(broken);
});

test.each([
  ['2027-06-01T12:00:00Z', null],
  ['2027-01-31T12:00:01Z', null],
  ['2027-01-31T12:00:00Z', { days: 30, tone: 'warn' }],
  ['2027-01-09T12:00:00Z', { days: 8, tone: 'warn' }],
  ['2027-01-08T12:00:00Z', { days: 7, tone: 'danger' }],
  ['2027-01-01T13:00:00Z', { days: 1, tone: 'danger' }],
  ['2026-12-01T12:00:00Z', { days: 0, tone: 'danger' }],
])('a certificate that ends at %s', (ends, expected) => {
  expect(ending(ends, Date.parse('2027-01-01T12:00:00Z'))).toEqual(expected);
});

test('what is wrong with another certificate is said beside the field', () => {
  const problem = (code: string) => ({ status: 422, code, facts: {} }) as Problem;
  expect(renewFault(problem('renewal_same'))?.field).toBe('file');
  expect(renewFault(problem('wrong_transport_password'))?.field).toBe('transport');
  expect(renewFault(problem('unheard_of'))).toBeNull();
});
