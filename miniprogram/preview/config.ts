/** The settings files of a mini-program, as far as the preview reads them. Types only: both the build and the browser use them. */

export interface TabItem {
  pagePath: string;
  text: string;
  iconPath?: string;
  selectedIconPath?: string;
}
export interface WindowConfig {
  navigationBarTitleText?: string;
  navigationBarBackgroundColor?: string;
  navigationBarTextStyle?: 'black' | 'white';
  backgroundColor?: string;
  enablePullDownRefresh?: boolean;
  onReachBottomDistance?: number;
}
export interface PartConfig extends WindowConfig {
  component?: boolean;
  styleIsolation?: string;
  usingComponents?: Record<string, string>;
  componentGenerics?: Record<string, unknown>;
}
export interface AppConfig {
  pages: string[];
  subPackages?: Array<{ root: string; pages: string[] }>;
  window?: WindowConfig;
  tabBar?: { color: string; selectedColor: string; backgroundColor?: string; list: TabItem[] };
  usingComponents?: Record<string, string>;
}
/** A page or a component; `path` has no ending. `usingComponents` of its config holds absolute paths. */
export interface Part {
  path: string;
  config: PartConfig;
  isPage: boolean;
  /** Prefix of class names in an isolated component's sheet. */
  scope?: string;
}
