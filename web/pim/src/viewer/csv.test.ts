import { expect, test } from 'vitest';
import { numericColumns, parseTable } from './csv';
import { decodeText } from './text';

test.each([
  ['a,b\n1,2\n', [['a', 'b'], ['1', '2']]],
  ['a;b\r\n"1;x";2', [['a', 'b'], ['1;x', '2']]],
  ['a\tb\n\n1\t2', [['a', 'b'], ['1', '2']]],
  ['"say ""hi""",b', [['say "hi"', 'b']]],
  ['"two\nlines",b', [['two\nlines', 'b']]],
  ['"open,b', [['open,b']]],
  ['', []],
])('%j', (text, expected) => {
  expect(parseTable(text)).toEqual(expected);
});

test('columns of numbers are told from words', () => {
  const rows = parseTable('n;w;e;p\n1.234,50;a;;12 %\n-3;5b;;7 %');
  expect(numericColumns(rows)).toEqual([true, false, false, true]);
});

test.each([
  [[0xef, 0xbb, 0xbf, 0x61], 'a'],
  [[0xc3, 0xa4], 'ä'],
  [[0xe4], 'ä'],
  [[0xff, 0xfe, 0xe4, 0x00], 'ä'],
  [[0xfe, 0xff, 0x00, 0xe4], 'ä'],
])('bytes %j are read', (bytes, expected) => {
  expect(decodeText(new Uint8Array(bytes))).toBe(expected);
});
