/** What the sample shop sells. Every category has its own repurchase cycle in days, so that the reports have something true to find. */
export interface Good {
  sku: string;
  name: string;
  category: Category;
  /** Fen. */
  price: number;
}

export const categories = {
  茶饮: { cycleDays: 32, share: 0.24 },
  香薰: { cycleDays: 48, share: 0.18 },
  餐厨: { cycleDays: 120, share: 0.24 },
  收纳: { cycleDays: 160, share: 0.12 },
  布艺: { cycleDays: 210, share: 0.16 },
  家具: { cycleDays: 400, share: 0.06 },
} as const;
export type Category = keyof typeof categories;
export const categoryNames = Object.keys(categories) as Category[];

const good = (sku: string, name: string, category: Category, yuan: number): Good => ({
  sku,
  name,
  category,
  price: Math.round(yuan * 100),
});

export const goods: readonly Good[] = [
  good('TEA-01', '桂花乌龙茶礼盒', '茶饮', 128),
  good('TEA-02', '白毫银针 50 克', '茶饮', 96),
  good('TEA-03', '陈皮普洱小青柑', '茶饮', 68),
  good('SCT-01', '白茶香薰蜡烛', '香薰', 89),
  good('SCT-02', '雪松扩香石', '香薰', 59),
  good('SCT-03', '佛手柑室内喷雾', '香薰', 75),
  good('KIT-01', '手作粗陶马克杯', '餐厨', 69),
  good('KIT-02', '榉木砧板', '餐厨', 118),
  good('KIT-03', '玻璃冷水壶', '餐厨', 79),
  good('KIT-04', '铸铁小煎锅', '餐厨', 168),
  good('KIT-05', '陶瓷饭碗四只装', '餐厨', 99),
  good('STO-01', '竹编收纳篮', '收纳', 59),
  good('STO-02', '香樟木衣架 10 只', '收纳', 49.9),
  good('STO-03', '浴室防滑垫', '收纳', 39.9),
  good('TEX-01', '四件套·云灰', '布艺', 399),
  good('TEX-02', '亚麻桌布', '布艺', 139),
  good('TEX-03', '羊毛盖毯', '布艺', 259),
  good('TEX-04', '棉麻窗帘', '布艺', 189),
  good('FUR-01', '懒人沙发', '家具', 499),
  good('FUR-02', '榉木边几', '家具', 359),
];
