import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { rate } from './format';
import { isDark } from './theme';
import type { Plot } from './plot';

/** The plot keeps its height whether it has data or not: nothing jumps. `data` is asked for at each drawing. */
export function RatePlot({ data, label, none }: { data: () => [number[], number[]]; label: string; none: string }): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>();
  const dark = isDark.value;
  const [times, rates] = data();
  useEffect(() => {
    let gone = false;
    void import('./plot').then(({ makePlot }) => {
      if (gone || !holder.current) return;
      plot.current = makePlot(holder.current, label, 'items a second');
      plot.current.set(data());
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [dark]);
  // Drawn where there is something new, which is less often than the page hears of the job.
  const newest = times[times.length - 1];
  useEffect(() => plot.current?.set(data()), [newest]);
  const most = rates.length > 0 ? Math.max(...rates) : 0;
  const text = times.length > 1 ? `${label}: from ${rate(rates[0]!)} to ${rate(rates[rates.length - 1]!)}, at most ${rate(most)}` : none;
  return (
    <figure class="plot">
      <figcaption>{label}</figcaption>
      <div class="plot-holder" ref={holder} role="img" aria-label={text}>
        {times.length > 1 ? null : <p class="plot-none">{none}</p>}
      </div>
    </figure>
  );
}
