import { describe, expect, it } from 'vitest';
import type { SecurityView } from '../api/types';
import { toneOf } from './security';

describe('toneOf', () => {
  const words = { en: [], de: [] };
  const security: SecurityView = {
    signed: true, encrypted: true, sound: true, opened: true, remote_content: true, ciphers: [], signatures: [], problems: [], words,
  };

  it('is green for a signed message alone', () => {
    expect(toneOf(security)).toBe('ok');
    expect(toneOf({ ...security, signed: false })).toBe('neutral');
    expect(toneOf(null)).toBe('neutral');
  });

  it('is never green with a problem', () => {
    const remark = { code: 'malleable', fault: false, words };
    expect(toneOf({ ...security, problems: [remark] })).toBe('warn');
    expect(toneOf({ ...security, sound: false, problems: [{ ...remark, fault: true }] })).toBe('danger');
    expect(toneOf({ ...security, signed: false, opened: false, sound: false })).toBe('danger');
  });
});
