import { describe, expect, it } from 'vitest';
import { doubtOf, pardonable } from './doubt';

const words = { de: ['x'], en: ['x'] };
const doubtful = { address: 'a@x.test', missing: false, words };
const missing = { address: 'b@x.test', missing: true, words };

function doubt(recipients: unknown[], despite = true) {
  const found = doubtOf({ code: 'certificates', facts: { recipients, despite_allowed: despite, plain_allowed: false } });
  if (!found) throw new Error('it is about certificates');
  return found;
}

describe('doubtOf', () => {
  it('is about certificates alone', () => {
    expect(doubtOf({ code: 'attachment_missing', facts: {} })).toBeNull();
    expect(doubtOf({ code: 'certificates', facts: {} })).toBeNull();
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
