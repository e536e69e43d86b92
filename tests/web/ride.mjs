// The page beside a large import: what it costs the reader's machine.

/** Stays on the job's page (its findings, or "/items", "/log") until it ends; returns frames a second, the longest gaps, what moved by
 *  itself (Cumulative Layout Shift), and the heap. */
export async function rideAlong(page, { url, job, view = '' }) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`${url}/console/jobs/${job}${view}`);
  await page.locator('.heading .badge').waitFor();
  await page.evaluate(() => {
    const ride = (window.__ride = { frames: [], tasks: [], shifts: [] });
    new PerformanceObserver(list => ride.tasks.push(...list.getEntries().map(entry => entry.duration))).observe({ type: 'longtask' });
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) {
        if (!entry.hadRecentInput) ride.shifts.push({ value: entry.value, who: entry.sources.map(source => source.node?.className || source.node?.nodeName).join(', ') });
      }
    }).observe({ type: 'layout-shift', buffered: true });
    const frame = at => {
      ride.frames.push(at);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  // What the page itself takes: seconds of the processor in its main thread, so that it does not matter who else has it meanwhile.
  const WORK = { task: 'TaskDuration', script: 'ScriptDuration', layout: 'LayoutDuration', style: 'RecalcStyleDuration' };
  const worked = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(Object.entries(WORK).map(([name, metric]) => [name, metrics.find(one => one.name === metric).value]));
  };
  const begin = await worked();
  const heaps = [];
  const texts = new Set();
  let state = '';
  const latest = Date.now() + 600_000;
  while (!['Successful', 'Failed', 'Cancelled'].includes(state) && Date.now() < latest) {
    const { metrics } = await session.send('Performance.getMetrics');
    heaps.push(metrics.find(one => one.name === 'JSHeapUsedSize').value);
    texts.add(await page.locator('.course-of').innerText());
    state = await page.locator('.heading .badge').innerText();
    await page.waitForTimeout(250);
  }
  const end = await worked();
  const ride = await page.evaluate(() => window.__ride);
  const gaps = ride.frames.slice(1).map((at, index) => at - ride.frames[index]).sort((a, b) => a - b);
  const span = (ride.frames.at(-1) - ride.frames[0]) / 1000;
  return {
    state,
    seconds: span,
    framesPerSecond: gaps.length / span,
    medianGap: gaps[Math.floor(gaps.length / 2)],
    gap99: gaps[Math.floor(gaps.length * 0.99)],
    longestGap: gaps.at(-1),
    // Milliseconds of the main thread for a frame; and, of all the time, the share that it was busy.
    perFrame: Object.fromEntries(Object.keys(WORK).map(name => [name, ((end[name] - begin[name]) * 1000) / gaps.length])),
    busy: (end.task - begin.task) / span,
    longTasks: ride.tasks.length,
    longestTask: Math.max(0, ...ride.tasks),
    layoutShift: ride.shifts.reduce((sum, one) => sum + one.value, 0),
    shifts: ride.shifts.filter(one => one.value > 0.001),
    mostHeap: Math.max(...heaps),
    looks: texts.size,
    shown: await page.locator('.filter-count').first().innerText().catch(() => ''),
  };
}
