import { describe, expect, test } from 'vitest';
import { formatAddress, isAddress, parseRecipients } from './addresses';

describe('recipients', () => {
  const cases: [string, string[]][] = [
    ['a@b.example', ['a@b.example']],
    ['Jana Brandt <jana@b.example>', ['Jana Brandt <jana@b.example>']],
    ['"Brandt, Jana" <jana@b.example>; c@d.example', ['"Brandt, Jana" <jana@b.example>', 'c@d.example']],
    ['a@b.example, c@d.example\nE <e@f.example>\t', ['a@b.example', 'c@d.example', 'E <e@f.example>']],
    ['mailto:a@b.example', ['a@b.example']],
    ['"Say \\"hi\\"" <a@b.example>', ['"Say \\"hi\\"" <a@b.example>']],
    ['jörg@münchen.example', ['jörg@münchen.example']],
    ['  ,; \n', []],
    ['nobody', ['! nobody']],
    ['a@', ['! a@']],
    ['a b@c.example', ['! a b@c.example']],
    ['a@b@c.example', ['! a@b@c.example']],
    ['a@-b.example', ['! a@-b.example']],
    ['Name <>', ['! Name <>']],
    ['<a@b.example', ['! <a@b.example']],
    ['a@b..example', ['! a@b..example']],
  ];

  test.each(cases)('%j', (typed, expected) => {
    const read = parseRecipients(typed).map((one) => (one.valid ? formatAddress(one.address) : `! ${one.text}`));
    expect(read).toEqual(expected);
  });

  test('an address has a length', () => {
    expect(isAddress(`${'a'.repeat(64)}@b.example`)).toBe(true);
    expect(isAddress(`${'a'.repeat(65)}@b.example`)).toBe(false);
    expect(isAddress(`a@${'b.'.repeat(130)}example`)).toBe(false);
  });
});
