/* Share complete against time, of each node, both models in one plot. */
{
  const shares = (detail) => shoal.once(detail, "share", () => shoal.unpackRows(detail.share, detail.nodes.length, detail.steps + 1));
  const spreads = (detail) => shoal.once(detail, "spread", () => shoal.unpackRows(detail.share_spread, 5, detail.steps + 1));
  shoal.shares = shares;

  const pointsOf = (detail, row) => Array.from(row, (share, i) => [(i * detail.length_s) / detail.steps, share / 1000]);

  /* On an axis that begins after zero, what lies before is left out. */
  const line = (x, y) => d3.line().defined((p) => p[0] >= x.domain()[0]).x((p) => x(p[0])).y((p) => y(p[1]));

  const drawWay = (svg, { way, detail }, x, y) => {
    const { kind } = way;
    const each = detail.nodes.map((node, i) => ({ node, row: shares(detail)[i] })).filter((n) => n.node.downloads > 0);
    if (detail.nodes_in_all > detail.nodes.length) {
      const [least, , , , most] = spreads(detail);
      const band = d3.area().defined((p) => p[0] >= x.domain()[0]).x((p) => x(p[0])).y0((p) => y(p[1])).y1((p) => y(p[2]));
      svg.append("path").attr("class", `${kind}-fill`).attr("opacity", 0.16)
        .attr("d", band(Array.from(least, (v, i) => [(i * detail.length_s) / detail.steps, v / 1000, most[i] / 1000])));
    }
    const thin = each.length > 12 ? 0.45 : 0.8;
    each.forEach((n) => svg.append("path").attr("class", `${kind}-line`).attr("stroke-width", each.length > 12 ? 1 : 1.5).attr("opacity", thin)
      .attr("d", line(x, y)(pointsOf(detail, n.row))));
    if (each.length > 3)
      svg.append("path").attr("class", `${kind}-line`).attr("stroke-width", 2.5).attr("d", line(x, y)(pointsOf(detail, spreads(detail)[2])));
  };

  /* The names stand where the middle node has half of it, or, if that is never, at the end; below others that are there. */
  const labelWay = (svg, { way, detail }, x, y, place, placed) => {
    const median = spreads(detail)[2];
    const half = median.findIndex((v) => v >= 500);
    const i = half < 0 ? detail.steps : half;
    const at = x(Math.max(x.domain()[0], (i * detail.length_s) / detail.steps));
    let down = y(Math.min(0.5, median[i] / 1000)) + (way.kind === "p2p" ? -4 : 14);
    while (placed.some((other) => Math.abs(other.at - at) < 130 && Math.abs(other.down - down) < 14)) down += 14;
    placed.push({ at, down });
    const fits = at + 100 < place.left + place.width;
    svg.append("text").attr("class", `${way.kind} halo`).attr("x", fits ? at + 9 : at - 9).attr("text-anchor", fits ? "start" : "end")
      .attr("y", down).text(way.name);
  };

  const drawBound = (svg, bound, x, place) => {
    if (!bound || bound < x.domain()[0]) return;
    const right = x(bound) + 130 > place.left + place.width;
    svg.append("line").attr("class", "bound").attr("x1", x(bound)).attr("x2", x(bound)).attr("y1", place.top).attr("y2", place.top + place.height);
    svg.append("text").attr("class", "halo").attr("x", x(bound) + (right ? -6 : 6)).attr("text-anchor", right ? "end" : "start")
      .attr("y", place.top - 8).text(`bound ${shoal.seconds(bound)}`);
  };

  const at = (detail, t) => {
    const row = spreads(detail).map((r) => r[Math.max(0, Math.min(detail.steps, Math.round((t / detail.length_s) * detail.steps)))]);
    return row[0] === row[4] ? shoal.percent(row[2] / 1000)
      : `${shoal.percent(row[2] / 1000)} (${shoal.percent(row[0] / 1000)} to ${shoal.percent(row[4] / 1000)})`;
  };

  const inWords = (ways) => {
    const texts = ways.map(({ way, detail }) => {
      const done = detail.done_s, n = detail.downloads_in_all;
      if (!done) return `${way.name}: none of ${shoal.plural(n, "download")} ended well`;
      const who = done.n === n ? (n === 1 ? "the download was done" : `all ${shoal.count(n)} downloads were done`) : `${shoal.count(done.n)} of ${shoal.count(n)} downloads were done`;
      const when = done.n === 1 || done.max - done.min < 0.005 ? `after ${shoal.seconds(done.max)}` : `between ${shoal.seconds(done.min)} and ${shoal.seconds(done.max)}`;
      return `With ${way.name} ${who} ${when}, half of them by ${shoal.seconds(done.median)}`.replace(done.n === 1 ? /, half.*/ : /$^/, "");
    });
    const estimated = ways.some((w) => w.detail.share_from === "flows")
      ? " When each block came was not recorded; the curves are estimated from what came through each downlink." : "";
    return `${texts.join(". ")}.${estimated}`;
  };

  shoal.completion = (parent, one) => {
    const ways = shoal.waysOf(one).map((way) => ({ way, detail: shoal.detailOf(one, way) })).filter((w) => w.detail && w.detail.downloaders_in_all);
    if (!ways.length) return;
    const most = d3.max(ways, (w) => w.detail.length_s), least = d3.min(ways, (w) => w.detail.length_s);
    let isLog = most > 5 * least;
    const figure = { redraw: () => {} };
    const controls = [shoal.choice("Time axis", [["linear", "even time"], ["log", "log time"]], isLog ? "log" : "linear",
      (value) => { isLog = value === "log"; figure.redraw(); })];
    Object.assign(figure, shoal.figure(parent, {
      title: "Share complete of each node", name: "completion", wide: true, height: 330, controls,
      draw: (body, width) => {
        const place = { left: 44, top: 30, width: width - 58, height: 250 };
        const svg = shoal.svg(body, width, 324, `Share complete of each node of ${shoal.caseName(one)} against time`);
        const x = (isLog ? d3.scaleLog([Math.min(most / 100, least / 20), most], [place.left, place.left + place.width])
          : d3.scaleLinear([0, most], [place.left, place.left + place.width]));
        const y = d3.scaleLinear([0, 1], [place.top + place.height, place.top]);
        shoal.yAxis(svg, y, place, "share complete, %", { format: (v) => Math.round(v * 100) });
        shoal.xAxis(svg, x, place, "s since the first download began", isLog ? Math.floor(width / 140) : undefined);
        [...ways].reverse().forEach((each) => drawWay(svg, each, x, y));
        drawBound(svg, shoal.boundOf(one), x, place);
        const placed = [];
        ways.forEach((each) => labelWay(svg, each, x, y, place, placed));
        shoal.timeCursor(svg, x, place, (t) => [`at ${shoal.seconds(t)}`, ...ways.map((w) => `${w.way.name}: ${at(w.detail, t)}`)]);
        return inWords(ways);
      },
    }));
  };
}
