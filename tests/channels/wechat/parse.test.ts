/** XML and JSON of the platform: what is read, what is refused, and that hostile input costs no more than its length. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonObject } from '../../../src/channels/wechat/json.js';
import { cdata, parseXml, writeXml } from '../../../src/channels/wechat/xml.js';

describe('XML', () => {
  it('keeps numbers as strings, white space as it is, and entities only outside CDATA', () => {
    const read = parseXml(
      '<?xml version="1.0"?><xml><Id>007</Id><Big>24540012345678901</Big><T><![CDATA[ &amp; ]]></T><U>a &lt; b</U></xml>',
    );
    expect(read).toEqual({ Id: '007', Big: '24540012345678901', T: ' &amp; ', U: 'a < b' });
  });

  it('lets people write about document types', () => {
    expect(parseXml('<xml><Content><![CDATA[<!DOCTYPE html> <!ENTITY a "b">]]></Content></xml>')).toEqual({
      Content: '<!DOCTYPE html> <!ENTITY a "b">',
    });
  });

  const bomb = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
  it.each([
    ['an entity bomb', `<!DOCTYPE x [<!ENTITY l0 "lol">${bomb}]><xml><Content>&l10;</Content></xml>`],
    ['an external entity', '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>'],
    ['a document type between elements', '<xml><!DOCTYPE x [<!ENTITY a "b">]><Content>&a;</Content></xml>'],
    ['one behind CDATA in a comment', `<!-- <![CDATA[ --><!DOCTYPE x [<!ENTITY a "b">]><xml><C>&a;</C></xml>`],
    ['one behind CDATA in an instruction', `<?x a="<![CDATA["?><!DOCTYPE x [<!ENTITY a "b">]><xml><C>&a;</C></xml>`],
    ['one behind CDATA in an attribute', `<xml a="<![CDATA["><!DOCTYPE x [<!ENTITY a "b">]><C>&a;</C></xml>`],
    [
      'one behind an instruction cut short',
      `<?x a="?><![CDATA["?><!DOCTYPE x [<!ENTITY a "b">]><xml><C>&a;]]></C></xml>`,
    ],
    ['a document type after unfinished CDATA', '<xml><![CDATA[ <!DOCTYPE x>'],
    ['another root', '<html><body>hello</body></html>'],
    ['no root', 'hello'],
    ['nothing', ''],
    ['an unclosed element', '<xml><Content>'],
    ['crossed elements', '<xml><a><b></a></b></xml>'],
    ['two roots', '<xml><a>1</a></xml><xml><a>2</a></xml>'],
    ['unclosed CDATA', '<xml><a><![CDATA[x</a></xml>'],
    ['a text for a document', '<xml>hello</xml>'],
    ['depth', `<xml>${'<a>'.repeat(30)}1${'</a>'.repeat(30)}</xml>`],
    ['a prototype', '<xml><__proto__><a>1</a></__proto__></xml>'],
  ])('refuses %s', (_name, text) => {
    expect(parseXml(text)).toBeUndefined();
  });

  it('writes what it reads, whatever people type', () => {
    expect(cdata('a]]>b')).toBe('<![CDATA[a]]]]><![CDATA[>b]]>');
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(']', '>', '<', '&', ' ', 'é', '回', '\u0000', '\u0008', 'a') }),
        (text) => {
          const legal = text.replace(/[\u0000\u0008]/g, '');
          expect(parseXml(writeXml({ Content: text, Other: 1 }))).toEqual({ Content: legal, Other: '1' });
        },
      ),
    );
  });
});

describe('JSON', () => {
  it('reads long integers as strings and leaves strings alone', () => {
    const text =
      '{"a":24540012345678901,"b":"x 24540012345678901 \\" 24540012345678902","c":[-24540012345678903,1.5,12],"d":1e21}';
    expect(parseJsonObject(text)).toEqual({
      a: '24540012345678901',
      b: 'x 24540012345678901 " 24540012345678902',
      c: ['-24540012345678903', 1.5, 12],
      d: 1e21,
    });
  });

  it.each(['', 'null', '[]', '1', '"text"', '{', '{"a":', "{'a':1}", '{"a":1}}', '{"a":12345678901234567,}'])(
    'refuses %s',
    (text) => {
      expect(parseJsonObject(text)).toBeUndefined();
    },
  );

  it('reads what JSON.parse reads, where nothing is long', () => {
    const objects = fc.dictionary(
      fc.string(),
      fc.jsonValue({ depthSize: 'small' }).filter((v) => !/\d{16}/.test(JSON.stringify(v))),
    );
    fc.assert(
      fc.property(objects, (value) =>
        expect(parseJsonObject(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    );
  });
});

it('hostile bodies of 256 kB are answered at once', () => {
  const size = 256 * 1024;
  const fill = (part: string): string => part.repeat(Math.floor(size / part.length));
  const bodies = [
    `<xml>${fill('<![CDATA[')}`,
    `<xml>${fill('<!-- <!')}`,
    `<xml>${fill('<a>')}`,
    `<xml>${fill('&amp;')}</xml>`,
    `<xml>${fill('<a')}`,
    `<xml><a ${fill('b="')}`,
    `{"a":"${fill('\\"')}${'1'.repeat(16)}`,
    `{"a":${fill('1')}.`,
    `{"a":${fill('[')}`,
    `"${fill('\\"')}1111111111111111\\`,
  ];
  const start = performance.now();
  for (const body of bodies) {
    expect(parseXml(body)).toBeUndefined();
    expect(parseJsonObject(body)).toBeUndefined();
  }
  expect(performance.now() - start).toBeLessThan(3000);
});
