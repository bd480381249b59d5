/** What customers of a homeware shop talk about: scripts of who says what, with gaps in minutes. No times, no people. */
import type { Random } from './random.js';

export type Speaker = 'customer' | 'staff' | 'note';

export interface ScriptLine {
  from: Speaker;
  /** Minutes since the line before. */
  after: [low: number, high: number];
  says: readonly string[];
}

export interface Script {
  topic: 'enquiry' | 'complaint' | 'praise';
  lines: readonly ScriptLine[];
}

const c = (...says: string[]): ScriptLine => ({ from: 'customer', after: [0, 4], says });
const s = (...says: string[]): ScriptLine => ({ from: 'staff', after: [1, 12], says });
const n = (...says: string[]): ScriptLine => ({ from: 'note', after: [0, 2], says });

export const products = [
  '手作粗陶马克杯',
  '四件套·云灰',
  '亚麻桌布',
  '白茶香薰蜡烛',
  '竹编收纳篮',
  '榉木砧板',
  '玻璃冷水壶',
  '羊毛盖毯',
  '棉麻窗帘',
  '铸铁小煎锅',
  '陶瓷饭碗四只装',
  '桂花乌龙茶礼盒',
  '懒人沙发',
  '香樟木衣架',
  '浴室防滑垫',
];

export const scripts: readonly Script[] = [
  {
    topic: 'enquiry',
    lines: [
      c('你好，{product}还有货吗？', '请问{product}现在能买吗', '在吗？想问下{product}'),
      s('您好呀，有现货的，今天下单明天就能发出～', '在的亲，{product}有现货，下午四点前付款当天发'),
      c('颜色和图片差别大吗', '实物会不会偏色'),
      s('我们是自然光拍的，基本没有色差，您放心。到手不喜欢七天内都可以退。'),
      c('好的我下单了', '行，那我拍一个', '好，谢谢'),
    ],
  },
  {
    topic: 'enquiry',
    lines: [
      c('{product}多大尺寸？', '想问下{product}的尺寸'),
      s('给您量了一下：长 42 厘米，宽 28 厘米，高 19 厘米。'),
      c('放进 45 的柜子里刚好', '那正好，我家柜子放得下'),
      s('是的，两边各留一指宽，拿取也顺手～'),
    ],
  },
  {
    topic: 'enquiry',
    lines: [
      c('买三件有优惠吗', '多买能便宜点吗？'),
      s('三件可以给您包邮，再送一小包白茶香片。'),
      c('可以，怎么下单', '那我要三件'),
      s('直接拍三件就行，备注写“客服已确认”，我这边改好邮费。'),
      c('拍好了', '已付款'),
      s('收到，今天就发。'),
      n('三件包邮，已改邮费，赠香片一包。'),
    ],
  },
  {
    topic: 'enquiry',
    lines: [
      c('可以开发票吗？抬头是公司的', '我们公司采购，能开专票吗'),
      s('可以的，麻烦把抬头、税号和邮箱发我。'),
      c('好的，下午发你', '我问下财务'),
      s('不着急，随时发我就行。'),
      n('企业采购，等对方发开票资料。'),
    ],
  },
  {
    topic: 'enquiry',
    lines: [
      c('{product}能机洗吗', '{product}怎么清洗呀'),
      s('建议冷水手洗、阴干，机洗的话放洗衣袋、轻柔档。'),
      c('明白了，谢谢耐心解答', '好的👌'),
    ],
  },
  {
    topic: 'enquiry',
    lines: [
      c('送人的，能帮忙写张贺卡吗', '生日礼物，可以附卡片吗？'),
      s('当然可以，您把想写的话发我，我们手写。'),
      c('“愿你岁岁平安，常来喝茶。”', '写：生日快乐，天天开心'),
      s('写好啦，会和{product}一起用礼盒包好，价格单不放进去。'),
      c('太贴心了！', '谢谢，下次还来'),
    ],
  },
  {
    topic: 'enquiry',
    lines: [
      c('我的订单什么时候发货？', '昨天拍的怎么还没发'),
      s('给您查了，昨晚已经出库，单号短信会发到您手机。'),
      c('哦看到了，谢谢', '收到短信了'),
    ],
  },
  {
    topic: 'complaint',
    lines: [
      c('收到的{product}有个缺口！', '{product}破了，你们怎么包装的', '打开就是碎的，很失望'),
      c('刚拆的，盒子外面没坏'),
      s(
        '非常抱歉给您添麻烦了，不用寄回，我马上安排补发一件新的。',
        '对不起！这个是我们的问题，今天就给您补发，坏的那件您处理掉就好。',
      ),
      c('那什么时候能到', '要多久'),
      s('顺丰走，后天能到。再送您一对杯垫赔个不是。'),
      n('补发 + 杯垫两只，已提醒仓库加厚气泡膜。'),
      c('好吧，处理得还挺快', '行，谢谢'),
    ],
  },
  {
    topic: 'complaint',
    lines: [
      c('物流三天没动了', '快递一直停在中转站'),
      s('我这就联系快递催一下，您稍等我十分钟。'),
      s('问到了：中转站分拣积压，今晚会发往您的城市，明天派送。'),
      c('好，明天再不到我就退了', '明天等等看'),
      n('物流催件，明天下午回访。'),
      s('您好，看到已经签收了，东西还好吗？'),
      c('收到了，没问题', '到了，谢谢跟进'),
    ],
  },
  {
    topic: 'complaint',
    lines: [
      c('和图片颜色差太多了，我要退货', '{product}不喜欢，想退'),
      s('可以的，七天内无理由退。您在订单里点“申请退货”，运费我们来出。'),
      c('退到哪里', '上门取吗？'),
      s('会有快递上门取件，您把包装一起放回去就好。'),
      c('好', '已经取走了'),
      s('仓库收到后一个工作日退款，到账时间看银行。'),
    ],
  },
  {
    topic: 'complaint',
    lines: [
      c('洗了一次就起球，质量不行啊', '用了两周就开裂了'),
      s('真是对不起，能发张照片给我看看吗？'),
      c('照片我晚点拍', '等我下班拍给你'),
      n('等照片；若属实按质量问题全额退。'),
    ],
  },
  {
    topic: 'praise',
    lines: [
      c('{product}收到了，比想象的好看！', '质感真好，朋友都问我在哪买的'),
      s('谢谢您喜欢！这批是老师傅手工做的，每只都有点不一样。'),
      c('已经推荐给同事了', '下次上新记得告诉我'),
      s('一定！您的认可是我们最好的动力～'),
    ],
  },
  {
    topic: 'praise',
    lines: [
      c('客服小姐姐太耐心了，给你们点赞', '服务真好，回购第三次了'),
      s('听到这句话今天都是甜的😊 谢谢您一直来。'),
      c('加油！', '🌹'),
    ],
  },
  {
    topic: 'praise',
    lines: [
      c('妈妈特别喜欢那套碗', '老人家用着顺手，谢谢推荐'),
      s('阿姨喜欢就太好了，陶碗记得别进微波炉加热空碗哦。'),
      c('记住了', '好的好的'),
    ],
  },
];

/** How staff end a talk. */
export const goodbyes: readonly string[] = [
  '不客气，随时找我～',
  '好的，祝您生活愉快🌿',
  '嗯嗯，有事您再说。',
  '谢谢您，常来呀！',
  '收到，辛苦您了。',
];

export const waiting: readonly string[] = [
  '在吗？',
  '请问有人吗',
  '我想改一下收货地址，还来得及吗？',
  '刚付了两次款，麻烦看一下',
  '你们周末营业吗',
  '{product}什么时候补货呀',
  '能帮我查下订单到哪了吗',
  '退款一周了还没到账',
];

export function fill(text: string, random: Random, product: string): string {
  return text.replaceAll('{product}', product || random.pick(products));
}
