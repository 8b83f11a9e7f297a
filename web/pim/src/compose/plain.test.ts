import { expect, test } from 'vitest';
import { plainText } from './plain';

test.each([
  ['<p>One</p><p>Two<br>three</p>', 'One\n\nTwo\nthree'],
  ['<!doctype html><html><head><title>x</title><style>p{}</style></head><body><div>a</div><div>b</div></body></html>', 'a\nb'],
  ['<p>a &amp; b &lt;c&gt; &#228;&#xf6;&nbsp;&unknown; &#0;</p>', 'a & b <c> äö &unknown; &#0;'],
  ['<ul><li>one</li><li>two</li></ul>after', '* one\n* two\n\nafter'],
  ['<p>new</p><blockquote><p>old</p><p>older</p></blockquote><p>end</p>', 'new\n>\n> old\n>\n> older\n\nend'],
  ['<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>', 'a  b\n1  2'],
  ['<pre>x\n  y</pre>', 'x\n  y'],
  ['<a href="https://x.example/?a=1&amp;b=2" title="a > b">link</a> text', 'link text'],
  ['<script>alert(1)</script>a<script>\n<p>', 'a'],
  ['<!-- <p>no</p> -->yes', 'yes'],
  ['a < b', 'a < b'],
  ['   \n  ', ''],
  ['<b>bold</b> <i>italic</i>', 'bold italic'],
])('%j', (html, expected) => {
  expect(plainText(html)).toBe(expected);
});
