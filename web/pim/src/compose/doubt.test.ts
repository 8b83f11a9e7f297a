import { Problem } from '@cordon/kit';
import { describe, expect, it } from 'vitest';
import { doubtOf, pardonable } from './doubt';

const words = { de: ['x'], en: ['x'] };
const doubtful = { address: 'a@x.test', missing: false, words };
const missing = { address: 'b@x.test', missing: true, words };

function doubt(recipients: unknown[], despite = true) {
  const found = doubtOf(new Problem(409, 'certificates', '', { recipients, despite_allowed: despite, plain_allowed: false }));
  if (!found) throw new Error('it is about certificates');
  return found;
}

describe('doubtOf', () => {
  it('is about certificates alone', () => {
    expect(doubtOf(new Problem(409, 'attachment_missing', ''))).toBeNull();
    expect(doubtOf(new Problem(409, 'certificates', ''))).toBeNull();
    expect(doubt([doubtful]).plainAllowed).toBe(false);
  });
});

describe('pardonable', () => {
  it('asks for leave only where that lets the mail go', () => {
    expect(pardonable(doubt([doubtful]))).toEqual(['a@x.test']);
    expect(pardonable(doubt([doubtful, missing]))).toEqual([]);
    expect(pardonable(doubt([doubtful], false))).toEqual([]);
  });
});
