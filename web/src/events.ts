// Server-sent events out of a fetch: EventSource cannot carry a token in a header. The format is that of the WHATWG's HTML
// standard, 9.2.6, as far as this server uses it.

export interface ServerEvent { name: string; id: string; data: string }

/** Calls `on` for each event of the stream until it ends. */
export async function readEvents(body: ReadableStream<Uint8Array>, on: (event: ServerEvent) => void, alive: () => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    alive();
    const blocks = (rest + part.value).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event: ServerEvent = { name: 'message', id: '', data: '' };
      for (const line of block.split('\n')) {
        const [, field, value = ''] = /^(event|id|data): ?(.*)$/.exec(line) ?? [];
        if (field === 'event') event.name = value;
        else if (field === 'id') event.id = value;
        else if (field === 'data') event.data += value;
      }
      if (event.data) on(event);
    }
  }
}
