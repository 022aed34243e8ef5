/* Speed-up and stretch against the number of leechers, where scenarios of the store differ in that. */
{
  const { el } = shoal;

  /* Scenarios that are equal but for their numbers of nodes, smallest first; those with at least three sizes. */
  const seriesOf = (cases) => {
    const families = d3.nest().key((one) => [one.family, one.backend, one.rate_factor].join()).entries(cases);
    return families.map((family) => family.values
      .map((one) => ({ one, n: d3.max(one.runs, (run) => run.downloads), speedup: shoal.peerFigure(one, "speedup"), stretch: shoal.peerFigure(one, "stretch") }))
      .sort((a, b) => a.n - b.n))
      .filter((points) => new Set(points.map((p) => p.n)).size >= 3);
  };

  /* Lines rise: below them, or above and to the left, there is room for a figure. */
  const label = (svg, x, y, text, isBelow, isFirst, isLast) => {
    const [dx, dy, anchor] = isBelow ? (isLast ? [4, 26, "end"] : [8, 17, "start"]) : isFirst ? [6, 19, "start"] : [-8, -8, "end"];
    svg.append("text").attr("class", "halo").attr("x", x + dx).attr("y", y + dy).attr("text-anchor", anchor).text(text);
  };

  const drawPoints = (svg, points, x, y, key, show) => {
    const line = d3.line().x((p) => x(p.n)).y((p) => y(p[key].median));
    svg.append("path").attr("class", "p2p-line").attr("stroke-width", 2).attr("d", line(points));
    points.forEach((p, i) => {
      svg.append("line").attr("stroke", "var(--p2p)").attr("stroke-width", 2).attr("x1", x(p.n)).attr("x2", x(p.n)).attr("y1", y(p[key].min)).attr("y2", y(p[key].max));
      svg.append("circle").attr("class", "p2p-fill").attr("cx", x(p.n)).attr("cy", y(p[key].median)).attr("r", 4.5);
      label(svg, x(p.n), y(p[key].median), show(p[key].median), key === "speedup", i === 0, i === points.length - 1);
    });
  };

  const cursor = (svg, points, x, place, key, show) => shoal.timeCursor(svg, x, place, (n) => {
    const p = points[d3.scan(points, (a, b) => Math.abs(Math.log(a.n / n)) - Math.abs(Math.log(b.n / n)))];
    return [shoal.caseName(p.one), shoal.plural(p.n, "leecher"), `${key === "speedup" ? "speed-up" : key} ${shoal.range(p[key], show)}`];
  });

  const plot = (parent, series, key, { title, unit, show, reference, words }) => {
    const all = series.map((points) => points.filter((p) => p[key])).filter((points) => points.length > 1);
    if (!all.length) return;
    shoal.figure(parent, {
      title, name: key, height: 300,
      draw: (body, width) => {
        const place = { left: 44, top: 30, width: width - 66, height: 220 };
        const svg = shoal.svg(body, width, 294, title);
        const flat = all.flat();
        const x = d3.scaleLog(d3.extent(flat, (p) => p.n), [place.left + 8, place.left + place.width]);
        const most = d3.max(flat, (p) => p[key].max);
        const y = key === "speedup" ? d3.scaleLog([Math.min(1, d3.min(flat, (p) => p[key].min)), most * 1.2], [place.top + place.height, place.top])
          : d3.scaleLinear([1, 1 + (most - 1) * 1.2 || 2], [place.top + place.height, place.top]);
        shoal.yAxis(svg, y, place, unit, { ticks: key === "speedup" ? 3 : 5, format: d3.format(",~g") });
        shoal.xAxis(svg, x, place, "leechers (log)", 4);
        reference(svg, x, y, place);
        all.forEach((points) => drawPoints(svg, points, x, y, key, show));
        cursor(svg, flat, x, place, key, show);
        return words(all[0]);
      },
    });
  };

  const ideal = (svg, x, y) => {
    const n = x.domain().map((v) => Math.min(v, y.domain()[1]));
    svg.append("path").attr("class", "bound").attr("fill", "none").attr("d", d3.line()(n.map((v) => [x(v), y(v)])));
    const at = Math.sqrt(n[0] * n[1]);
    svg.append("text").attr("class", "unit halo").attr("x", x(at) - 8).attr("text-anchor", "end").attr("y", y(at) - 4).text("as many times as leechers");
  };
  const one = (svg, x, y, place) => {
    svg.append("line").attr("class", "bound").attr("x1", place.left).attr("x2", place.left + place.width).attr("y1", y(1)).attr("y2", y(1));
    svg.append("text").attr("class", "halo").attr("x", place.left + place.width).attr("text-anchor", "end").attr("y", y(1) - 6).text("bound");
  };

  shoal.series = (parent, cases) => {
    const series = seriesOf(cases);
    if (!series.length) return;
    const plots = el("div", { class: "plots" });
    parent.append(el("section", { id: "series" }, el("h2", { text: "More leechers" }),
      el("p", { class: "lead", text: `${series[0].map((p) => shoal.caseName(p.one)).join(", ")} differ in the number of nodes only.` }), plots));
    plot(plots, series, "speedup", {
      title: "Speed-up against the number of leechers", unit: "server-client \u00f7 P2P, times (log)", show: (v) => `${shoal.number(v, v < 10 ? 2 : 0)}\u00d7`, reference: ideal,
      words: (p) => `With ${shoal.plural(p[0].n, "leecher")} P2P is ${shoal.number(p[0].speedup.median, 2)} times as fast as a server, and with ${shoal.count(p[p.length - 1].n)} it is ${shoal.number(p[p.length - 1].speedup.median, 1)} times as fast: a server sends the file once for each, peers pass it on.`,
    });
    plot(plots, series, "stretch", {
      title: "Stretch against the number of leechers", unit: "P2P \u00f7 bound", show: (v) => shoal.number(v, 3), reference: one,
      words: (p) => `P2P stays ${shoal.percent(p[0].stretch.median - 1)} above the bound with ${shoal.plural(p[0].n, "leecher")}, and ${shoal.percent(p[p.length - 1].stretch.median - 1)} with ${shoal.count(p[p.length - 1].n)}.`,
    });
  };
}
