import { describe, expect, test } from 'vitest';
import { blocksOf, piecesOf } from './prose';

describe('addresses in a line', () => {
  test.each([
    ['see https://a.example/b?c=d.', 'see |https://a.example/b?c=d=https://a.example/b?c=d|.'],
    ['(https://a.example/x_(y))', '(|https://a.example/x_(y)=https://a.example/x_(y)|)'],
    ['www.a.example, or mail x@y.example!', '|www.a.example=https://www.a.example|, or mail |x@y.example@|!'],
    ['javascript:alert(1) file:///etc/passwd data:text/html,x', 'javascript:alert(1) file:///etc/passwd data:text/html,x'],
    ['https://', 'https://'],
    ['<https://a.example/>', '<|https://a.example/=https://a.example/|>'],
    ['', ''],
  ])('%j', (line, expected) => {
    const shown = piecesOf(line).map((piece) =>
      piece.kind === 'link' ? `|${piece.text}=${piece.href}|` : piece.kind === 'mail' ? `|${piece.text}@|` : piece.text,
    );
    expect(shown.join('')).toBe(expected);
  });

  test('a line of a megabyte is read in linear time', () => {
    const began = performance.now();
    piecesOf('a'.repeat(1_000_000));
    piecesOf('x@'.repeat(300_000));
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

test('a body is cut into quotations and signature', () => {
  const text = 'Hello\r\n> one\n> > two\n>\n-- \nJana\n> not a quotation of the signature\n';
  const shown = blocksOf(text).map(({ depth, signature, lines }) => [depth, signature, lines.join('/')]);
  expect(shown).toEqual([
    [0, false, 'Hello'],
    [1, false, 'one'],
    [2, false, 'two'],
    [1, false, ''],
    [0, true, '-- /Jana'],
    [1, true, 'not a quotation of the signature'],
  ]);
});
