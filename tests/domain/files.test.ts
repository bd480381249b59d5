/** What a file's name may still do after it was made safe, and where files go. */
import { describe, expect, it } from '@jest/globals';
import { Content, MAX_FILE_BYTES, safeFileName } from '../../src/contracts/index.js';
import { isMetered, previewOf, replyKindsOf } from '../../src/domain/conversations/index.js';

describe('the name of a file', () => {
  it.each([
    ['报价单 2026.xlsx', '报价单 2026.xlsx'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\lin\\合同.docx', '合同.docx'],
    ['合同.pdf/', '合同.pdf'],
    ['.htaccess', 'htaccess'],
    ['a\r\nSet-Cookie: x=1.txt', 'aSet-Cookie_ x=1.txt'],
    ['照片\u202egpj.exe', '照片gpj.exe'],
    ['a\u200b\u2066b\u0000.pdf', 'ab.pdf'],
    ['a<b>"c|d?*.pdf', 'a_b__c_d__.pdf'],
    ['con.pdf', '_con.pdf'],
    ['console.pdf', 'console.pdf'],
    ['半个\ud83d.pdf', '半个.pdf'],
    ['👍🏽.pdf', '👍🏽.pdf'],
    ['cafe\u0301.pdf', 'café.pdf'],
    [' . ', 'file'],
    ['\u202e', 'file'],
    ['', 'file'],
    ['/', 'file'],
  ])('%j is %j', (given, safe) => {
    expect(safeFileName(given)).toBe(safe);
    expect(safeFileName(safe)).toBe(safe);
  });

  it('is shortened before its extension', () => {
    expect(safeFileName(`${'长'.repeat(300)}.pdf`)).toBe(`${'长'.repeat(116)}.pdf`);
    expect(safeFileName(`a.${'x'.repeat(300)}`)).toHaveLength(120);
    expect([...safeFileName(`${'👍'.repeat(200)}.pdf`)]).toHaveLength(120);
  });
});

describe('a file as content', () => {
  const media = { id: 'a'.repeat(64) };

  it('has a name and may have a size', () => {
    expect(Content.parse({ type: 'file', media, name: '报价.pdf' })).toEqual({ type: 'file', media, name: '报价.pdf' });
    expect(Content.safeParse({ type: 'file', media, name: '' }).success).toBe(false);
    expect(Content.safeParse({ type: 'file', media, name: 'a', size: -1 }).success).toBe(false);
    expect(Content.safeParse({ type: 'file', media: {}, name: 'a' }).success).toBe(false);
    expect(Content.parse({ type: 'file', media, name: 'a', size: MAX_FILE_BYTES })).toHaveProperty('size');
  });

  it('is told in the list by its name', () => {
    expect(previewOf({ type: 'file', media, name: '报价.pdf' })).toBe('[文件] 报价.pdf');
  });

  it.each([
    ['wechaty', true],
    ['official-account', false],
    ['mini-program', false],
    ['another', false],
  ])('goes out by %s: %s', (channel, goes) => {
    expect(replyKindsOf(channel).includes('file')).toBe(goes);
    expect(replyKindsOf(channel)).toEqual(expect.arrayContaining(['text', 'image']));
    expect(isMetered(channel)).toBe(channel !== 'wechaty');
  });
});
