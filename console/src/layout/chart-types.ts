/** What the charts are made of; types only, so that nothing of ECharts is loaded with it. */
import type { BarSeriesOption, HeatmapSeriesOption, LineSeriesOption, SankeySeriesOption } from 'echarts/charts';
import type {
  GridComponentOption,
  LegendComponentOption,
  TooltipComponentOption,
  VisualMapComponentOption,
} from 'echarts/components';
import type { ComposeOption } from 'echarts/core';

export type ChartOption = ComposeOption<
  | BarSeriesOption
  | HeatmapSeriesOption
  | LineSeriesOption
  | SankeySeriesOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
  | VisualMapComponentOption
>;

/** Told apart without colour vision too; dark enough on white for lines and for text on it. */
export const chartColours = ['#2c7a57', '#a84b16', '#2d6a9f', '#7a3350', '#6d5710', '#28575b'];
