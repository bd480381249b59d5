/** Content → the platform's shapes, both ways out, every type of content. */
import { describe, expect, it } from '@jest/globals';
import { Content } from '../../../src/contracts/index.js';
import {
  renderCustomerMessage,
  renderNotice,
  renderPassive,
  renderTemplate,
} from '../../../src/channels/official-account/render.js';
import { parseXml } from '../../../src/channels/wechat/xml.js';

const media = { platformId: 'media-1' };
const thumb = { platformId: 'thumb-1' };
const samples: Record<Content['type'], Content> = {
  text: { type: 'text', text: '你好 "a" \\ \n b' },
  image: { type: 'image', media },
  voice: { type: 'voice', media },
  video: { type: 'video', media, thumb, title: 'T', description: 'D' },
  file: { type: 'file', media, name: '报价.pdf', size: 3 },
  music: { type: 'music', title: 'T', description: 'D', url: 'u', hqUrl: 'h', thumb },
  location: { type: 'location', latitude: 1, longitude: 2 },
  link: { type: 'link', title: 'T', description: 'D', url: 'u', pictureUrl: 'p' },
  menu: {
    type: 'menu',
    head: 'H',
    entries: [
      { id: '1', text: 'A' },
      { id: '2', text: 'B' },
    ],
    tail: 'Z',
  },
  'mini-program-card': { type: 'mini-program-card', title: 'T', appId: 'wx1', pagePath: 'p', thumb },
  article: { type: 'article', articleId: 'art-1' },
  'coupon-card': { type: 'coupon-card', cardId: 'card-1' },
  template: { type: 'template', templateId: 'tpl', data: { thing1: 'x' } },
  notice: { type: 'notice', templateId: 'tpl', data: { thing1: 'x' } },
  unknown: { type: 'unknown', platformType: 'hologram' },
};

describe('customer messages', () => {
  it.each<[Content['type'], object | undefined]>([
    ['text', { msgtype: 'text', text: { content: '你好 "a" \\ \n b' } }],
    ['image', { msgtype: 'image', image: { media_id: 'media-1' } }],
    ['voice', { msgtype: 'voice', voice: { media_id: 'media-1' } }],
    [
      'video',
      { msgtype: 'video', video: { media_id: 'media-1', thumb_media_id: 'thumb-1', title: 'T', description: 'D' } },
    ],
    [
      'music',
      {
        msgtype: 'music',
        music: { title: 'T', description: 'D', musicurl: 'u', hqmusicurl: 'h', thumb_media_id: 'thumb-1' },
      },
    ],
    ['file', undefined],
    ['location', undefined],
    ['link', { msgtype: 'news', news: { articles: [{ title: 'T', description: 'D', url: 'u', picurl: 'p' }] } }],
    [
      'menu',
      {
        msgtype: 'msgmenu',
        msgmenu: {
          head_content: 'H',
          list: [
            { id: '1', content: 'A' },
            { id: '2', content: 'B' },
          ],
          tail_content: 'Z',
        },
      },
    ],
    [
      'mini-program-card',
      {
        msgtype: 'miniprogrampage',
        miniprogrampage: { title: 'T', appid: 'wx1', pagepath: 'p', thumb_media_id: 'thumb-1' },
      },
    ],
    ['article', { msgtype: 'mpnewsarticle', mpnewsarticle: { article_id: 'art-1' } }],
    ['coupon-card', { msgtype: 'wxcard', wxcard: { card_id: 'card-1' } }],
    ['template', undefined],
    ['notice', undefined],
    ['unknown', undefined],
  ])('%s', (type, expected) => {
    expect(Content.parse(samples[type])).toEqual(samples[type]);
    expect(renderCustomerMessage('openid-1', samples[type])).toEqual(expected && { touser: 'openid-1', ...expected });
  });

  it('an older article goes by its material, one without either id does not go', () => {
    const older = renderCustomerMessage('o', { type: 'article', materialId: 'mat-1' });
    expect(older).toEqual({ touser: 'o', msgtype: 'mpnews', mpnews: { media_id: 'mat-1' } });
    expect(renderCustomerMessage('o', { type: 'article' })).toBeUndefined();
  });

  it.each<Content>([
    { type: 'image', media: { id: 'own' } },
    { type: 'music', title: '', description: '', url: '', hqUrl: '', thumb: { url: 'u' } },
    { type: 'mini-program-card', title: 'T', appId: 'wx1', pagePath: 'p' },
  ])('$type without a platform media id does not go', (content) => {
    expect(renderCustomerMessage('o', content)).toBeUndefined();
  });
});

describe('templates', () => {
  it('carry our id, so that the platform knows a repeat', () => {
    const content: Content = {
      type: 'template',
      templateId: 'tpl',
      url: 'https://example.com',
      miniProgram: { appId: 'wx1', pagePath: 'p' },
      data: { thing1: '蓝色外套', amount2: '12.00' },
    };
    expect(renderTemplate('o', content, 'row-1')).toEqual({
      touser: 'o',
      template_id: 'tpl',
      url: 'https://example.com',
      miniprogram: { appid: 'wx1', pagepath: 'p' },
      client_msg_id: 'row-1',
      data: { thing1: { value: '蓝色外套' }, amount2: { value: '12.00' } },
    });
    expect(renderTemplate('o', samples.text, 'row-1')).toBeUndefined();
  });
});

describe('notices', () => {
  const notice = { type: 'notice' as const, templateId: 'tpl', data: { thing1: '蓝色外套', time2: '2026年3月1日' } };
  const data = { thing1: { value: '蓝色外套' }, time2: { value: '2026年3月1日' } };

  it('open a web page, never the page of an app that is not named', () => {
    const at = (page: string) => renderNotice('o', { ...notice, page });
    const body = { touser: 'o', template_id: 'tpl', data, miniprogram_state: 'formal', lang: 'zh_CN' };
    expect(renderNotice('o', notice)).toEqual({ ok: true, json: body });
    expect(at('https://example.com/orders')).toEqual({
      ok: true,
      json: { ...body, page: 'https://example.com/orders' },
    });
    expect(at('pages/orders/index')).toEqual({ ok: true, json: body });
  });

  it('with a field that says nothing do not go', () => {
    expect(renderNotice('o', { ...notice, data: { ...notice.data, thing1: ' ' } })).toEqual({
      ok: false,
      field: 'thing1',
    });
  });
});

describe('passive answers', () => {
  const envelope = { toUser: 'openid-1', fromAccount: 'gh_1', createTime: 1714112445 };
  const xml = (content: Content) => {
    const rendered = renderPassive(content, { ...envelope, format: 'xml' });
    return rendered === undefined ? undefined : parseXml(rendered);
  };
  it.each<[Content['type'], object | undefined]>([
    ['text', { MsgType: 'text', Content: '你好 "a" \\ \n b' }],
    ['image', { MsgType: 'image', Image: { MediaId: 'media-1' } }],
    ['voice', { MsgType: 'voice', Voice: { MediaId: 'media-1' } }],
    ['video', { MsgType: 'video', Video: { MediaId: 'media-1', Title: 'T', Description: 'D' } }],
    [
      'music',
      {
        MsgType: 'music',
        Music: { Title: 'T', Description: 'D', MusicUrl: 'u', HQMusicUrl: 'h', ThumbMediaId: 'thumb-1' },
      },
    ],
    [
      'link',
      {
        MsgType: 'news',
        ArticleCount: '1',
        Articles: { item: { Title: 'T', Description: 'D', PicUrl: 'p', Url: 'u' } },
      },
    ],
    ['location', undefined],
    ['menu', undefined],
    ['mini-program-card', undefined],
    ['article', undefined],
    ['coupon-card', undefined],
    ['template', undefined],
    ['notice', undefined],
    ['unknown', undefined],
  ])('%s', (type, expected) => {
    const ends = { ToUserName: 'openid-1', FromUserName: 'gh_1', CreateTime: '1714112445' };
    expect(xml(samples[type])).toEqual(expected && { ...ends, ...expected });
  });

  it('nobody can end the CDATA of an answer', () => {
    const text = ']]></Content><Content>forged]]>';
    expect(xml({ type: 'text', text })).toMatchObject({ Content: text });
  });

  it('JSON keeps the same names', () => {
    const rendered = renderPassive(samples.image, { ...envelope, format: 'json' });
    expect(JSON.parse(rendered ?? '')).toEqual({
      ToUserName: 'openid-1',
      FromUserName: 'gh_1',
      CreateTime: 1714112445,
      MsgType: 'image',
      Image: { MediaId: 'media-1' },
    });
  });

  it.each([
    ['an empty text', '', false],
    ['2048 bytes', '好'.repeat(682) + 'ab', true],
    ['2049 bytes', '好'.repeat(683), false],
  ])('%s', (_name, text, goes) => {
    expect(xml({ type: 'text', text }) !== undefined).toBe(goes);
  });

  it.each<Content>([
    { type: 'image', media: { id: 'own' } },
    { type: 'voice', media: { id: 'own' } },
    { type: 'video', media: { id: 'own' } },
    { type: 'music', title: '', description: '', url: '', hqUrl: '', thumb: { id: 'own' } },
  ])('$type that the platform does not hold yet goes another way', (content) => {
    expect(xml(content)).toBeUndefined();
  });
});
