import { render } from 'preact';
import { App } from './app';
import { startRouter } from './router';
import { applyTheme } from './theme';

// Drawing is not put off to the next frame: what a hand does next (Enter after the last letter) must find the state that the
// letter made.
applyTheme();
startRouter();
render(<App />, document.getElementById('app')!);
