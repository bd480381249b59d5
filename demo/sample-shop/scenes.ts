/** The printed codes by which people came to the sample shop. */
export const scenes = [
  { scene: 'store-wukang', name: '武康路门店' },
  { scene: 'parcel-card', name: '包裹卡' },
  { scene: 'market-2026', name: '创意市集' },
  { scene: 'live-room', name: '直播间' },
] as const;

/** The codes that stand in a store: who comes by them is welcomed as a visitor. */
export const storeScenes: readonly string[] = ['store-wukang'];
