/* Where nodes stand: those who offer a file in the middle, the others around them. */
{
  /* Places on an ellipse, as far from each other along it; and how far that is. */
  const ring = (count, cx, cy, rx, ry) => {
    const fine = d3.range(721).map((i) => -Math.PI / 2 + (i * Math.PI) / 360).map((a) => [cx + rx * Math.cos(a), cy + ry * Math.sin(a)]);
    let length = 0;
    const until = fine.map((p, i) => (length += i ? Math.hypot(p[0] - fine[i - 1][0], p[1] - fine[i - 1][1]) : 0));
    const places = d3.range(count).map((i) => fine[d3.bisectLeft(until, ((i + 0.5) * length) / count)]);
    return { places, apart: length / Math.max(1, count) };
  };

  const LABEL = 18; /* height of a name */

  /* {places: [x, y] of each node, tile: side of a node's block map} */
  shoal.replayLayout = (nodes, width, height) => {
    const inner = d3.range(nodes.length).filter((i) => nodes[i].offers.length), outer = d3.range(nodes.length).filter((i) => !nodes[i].offers.length);
    const cx = width / 2, cy = height / 2 - 4, margin = Math.min(40, width / 12);
    const rx = width / 2 - margin, ry = height / 2 - margin - 4;
    const around = ring(outer.length, cx, cy, rx, ry), places = [];
    const labelled = Math.min(52, around.apart - LABEL, width / 8);
    const tile = labelled >= 22 ? labelled : Math.max(8, Math.min(24, around.apart * 0.84));
    const within = inner.length === 1 ? [[cx, cy]] : ring(inner.length, cx, cy, rx * 0.28, ry * 0.28).places;
    inner.forEach((node, i) => { places[node] = within[i]; });
    outer.forEach((node, i) => { places[node] = around.places[i]; });
    return { places, tile };
  };

  /* The way of a transfer: a bent line, so that both directions can be told apart. */
  shoal.replayBend = ([x0, y0], [x1, y1]) => [(x0 + x1) / 2 - (y1 - y0) * 0.12, (y0 + y1) / 2 + (x1 - x0) * 0.12];
  shoal.replayAlong = ([x0, y0], [bx, by], [x1, y1], t) => {
    const a = (1 - t) * (1 - t), b = 2 * t * (1 - t), c = t * t;
    return [a * x0 + b * bx + c * x1, a * y0 + b * by + c * y1];
  };
}
