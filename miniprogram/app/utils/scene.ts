/** What a scanned code held. The platform hands it over encoded, as the page's parameter `scene`. */

export interface AppGlobal {
  scene: string;
}

export function launchScene(query: Record<string, string | undefined> | undefined): string {
  const given = query?.scene ?? '';
  try {
    return decodeURIComponent(given);
  } catch {
    return given;
  }
}

/** The scene of this opening, for the login that follows; empty without one. */
export const currentScene = (): string => getApp<{ globalData: AppGlobal }>().globalData.scene;
