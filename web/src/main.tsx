import { options, render } from 'preact';
import { App } from './app';
import { startRouter } from './router';
import { applyTheme } from './theme';

// However many updates come, the page is drawn at most once a frame; a hidden page has no frames.
options.debounceRendering = draw => {
  if (document.hidden) setTimeout(draw, 100);
  else requestAnimationFrame(draw);
};

applyTheme();
startRouter();
render(<App />, document.getElementById('app')!);
