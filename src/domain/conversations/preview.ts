/** One line that stands for a message in a list. Pure. */
import type { Content } from '../../contracts/index.js';

const PREVIEW_MAX = 60;

export function previewOf(content: Content): string {
  switch (content.type) {
    case 'text':
      return cut(content.text);
    case 'menu':
      return cut(content.head);
    case 'link':
    case 'mini-program-card':
    case 'music':
      return `[${labels[content.type]}] ${cut(content.title)}`;
    case 'file':
      return `[${labels.file}] ${cut(content.name)}`;
    case 'location':
      return `[${labels.location}] ${cut(content.label ?? '')}`.trim();
    case 'image':
    case 'voice':
    case 'video':
    case 'article':
    case 'coupon-card':
    case 'template':
    case 'notice':
    case 'unknown':
      return `[${labels[content.type]}]`;
  }
}

const labels = {
  link: '链接',
  'mini-program-card': '小程序',
  music: '音乐',
  location: '位置',
  image: '图片',
  voice: '语音',
  video: '视频',
  file: '文件',
  article: '图文',
  'coupon-card': '卡券',
  template: '通知',
  notice: '通知',
  unknown: '未知消息',
} as const;

function cut(text: string): string {
  const points = [...text.replace(/\s+/g, ' ').trim()];
  return points.length <= PREVIEW_MAX ? points.join('') : `${points.slice(0, PREVIEW_MAX - 1).join('')}…`;
}
