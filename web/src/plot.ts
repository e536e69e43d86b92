// A plot of rates over time, drawn by uPlot on a canvas. Loaded only where one is shown.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Plot { set: (data: [number[], number[]]) => void; destroy: () => void }

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function makePlot(element: HTMLElement, label: string, unit: string): Plot {
  const size = (): { width: number; height: number } => ({ width: Math.max(200, element.clientWidth), height: Math.max(120, element.clientHeight) });
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = (extra: uPlot.Axis): uPlot.Axis => ({
    font,
    stroke: () => colour('--text-quiet'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { stroke: () => colour('--line'), width: 1, size: 4 },
    ...extra,
  });
  const plot = new uPlot({
    ...size(),
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { y: { range: (_self, _low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
    axes: [
      axis({ space: 90, size: 30, values: (_self, ticks) => ticks.map(tick => new Date(tick * 1000).toLocaleTimeString()) }),
      axis({ size: 56, values: (_self, ticks) => ticks.map(tick => tick.toLocaleString()) }),
    ],
    series: [
      {},
      { label: `${label} (${unit})`, stroke: () => colour('--accent'), width: 2, fill: () => colour('--accent-soft'), points: { show: false } },
    ],
  }, [[], []], element);
  const observer = new ResizeObserver(() => plot.setSize(size()));
  observer.observe(element);
  return {
    set: data => plot.setData(data),
    destroy: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
}
