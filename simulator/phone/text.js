/** The page's words in Chinese and English. Owns no layout. */
const words = {
  zh: {
    title: '顾客的手机',
    subtitle: '模拟微信，仅供演示与测试',
    language: 'English',
    search: '搜索顾客',
    newName: '新顾客的名字',
    add: '添加',
    back: '返回',
    scan: '扫一扫',
    more: '更多',
    messages: '聊天记录',
    menu: '切换菜单与键盘',
    message: '输入消息',
    extras: '更多功能',
    send: '发送',
    image: '图片',
    location: '位置',
    scanTitle: '扫一扫',
    scanHelp: '选择公众号生成的二维码，或输入场景值、ticket。',
    scanPlaceholder: '场景值或 ticket',
    cancel: '取消',
    locationTitle: '发送位置',
    follow: '关注公众号',
    followByScan: '扫码关注',
    unfollow: '取消关注',
    block: '拒收消息',
    unblock: '恢复接收消息',
    typing: '对方正在输入…',
    official: '公众号',
    notFollowing: '未关注',
    profileHelp: '关注后即可接收消息和服务。',
    noPeople: '还没有顾客。请在下方添加一位。',
    noneFound: '没有找到',
    choose: '请选择一位顾客',
    noAccount: '还没有公众号连接到模拟平台。',
    offline: '连接已断开，正在重连…',
    expired: '已过期',
    permanent: '永久',
    noCodes: '公众号还没有生成二维码',
    voice: '语音消息',
    video: '视频',
    music: '音乐',
    link: '链接',
    template: '服务通知',
    miniprogram: '小程序',
    miniChat: '小程序客服消息',
    notices: '服务通知',
    closeMini: '关闭小程序',
    miniHelp: '在小程序里联系客服后，可在这里对话。',
    card: '卡券',
    article: '图文消息',
    details: '查看详情',
    passive: '即时回复',
    customer: '客服消息',
    mass: '群发',
    failed: '没有成功',
    yesterday: '昨天',
    unread: '条未读',
    view: '打开链接',
  },
  en: {
    title: 'Customers’ phones',
    subtitle: 'Simulated WeChat, for demos and tests',
    language: '中文',
    search: 'Find a customer',
    newName: 'Name of a new customer',
    add: 'Add',
    back: 'Back',
    scan: 'Scan',
    more: 'More',
    messages: 'Messages',
    menu: 'Switch menu and keyboard',
    message: 'Message',
    extras: 'More to send',
    send: 'Send',
    image: 'Image',
    location: 'Location',
    scanTitle: 'Scan a code',
    scanHelp: 'Choose a code that the account has made, or enter a scene or ticket.',
    scanPlaceholder: 'scene or ticket',
    cancel: 'Cancel',
    locationTitle: 'Send a location',
    follow: 'Follow',
    followByScan: 'Follow by scanning',
    unfollow: 'Unfollow',
    block: 'Reject messages',
    unblock: 'Accept messages again',
    typing: 'Typing…',
    official: 'Official account',
    notFollowing: 'Not following',
    profileHelp: 'Follow to receive messages and service.',
    noPeople: 'No customers yet. Add one below.',
    noneFound: 'Nobody found',
    choose: 'Choose a customer',
    noAccount: 'No official account is connected yet.',
    offline: 'Connection lost, reconnecting…',
    expired: 'expired',
    permanent: 'permanent',
    noCodes: 'The account has made no codes yet',
    voice: 'Voice message',
    video: 'Video',
    music: 'Music',
    link: 'Link',
    template: 'Service notice',
    miniprogram: 'Mini-program',
    miniChat: 'Mini-program service chat',
    notices: 'Service notices',
    closeMini: 'Close the mini-program',
    miniHelp: 'Contact the service inside the mini-program to talk here.',
    card: 'Card',
    article: 'Article',
    details: 'Details',
    passive: 'instant reply',
    customer: 'customer message',
    mass: 'broadcast',
    failed: 'did not work',
    yesterday: 'Yesterday',
    unread: 'unread',
    view: 'Open link',
  },
};

let language = localStorage.getItem('phone-language') === 'en' ? 'en' : 'zh';

export const currentLanguage = () => language;
export const t = (key) => words[language][key] ?? key;

export function toggleLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem('phone-language', language);
}

/** Fills every element that names its words by data-text, data-placeholder or data-label. */
export function applyWords(root) {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  for (const each of root.querySelectorAll('[data-text]')) each.textContent = t(each.dataset.text);
  for (const each of root.querySelectorAll('[data-placeholder]')) {
    each.placeholder = t(each.dataset.placeholder);
    each.setAttribute('aria-label', each.placeholder);
  }
  for (const each of root.querySelectorAll('[data-label]')) each.setAttribute('aria-label', t(each.dataset.label));
}

/** WeChat's way of saying when: the time today, `昨天`, else the date. `now` is the platform's clock. */
export function formatWhen(iso, now, withTime) {
  const at = new Date(iso);
  const zone = 'Asia/Shanghai';
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const day = (date) => date.toLocaleDateString('sv', { timeZone: zone });
  const time = at.toLocaleTimeString(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false });
  if (day(at) === day(now)) return time;
  const yesterday = day(at) === day(new Date(now.getTime() - 86_400_000));
  const date = yesterday
    ? t('yesterday')
    : at.toLocaleDateString(locale, { timeZone: zone, month: 'short', day: 'numeric' });
  return withTime ? `${date} ${time}` : date;
}
