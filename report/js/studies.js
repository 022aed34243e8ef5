/* Parameter studies: figures against a parameter, several series, median and spread over the seeds. */
{
  const { el } = shoal;
  const kinds = ["p2p", "p2p-2", "p2p-3", "p2p-4"];
  const ratios = { "speed-up": "server-client \u00f7 P2P, times", stretch: "makespan \u00f7 bound" };

  const unitOf = (figure) => ratios[figure.name] || `${shoal.shown(figure.name)}, ${figure.unit || "times"}`;
  const show = (figure, v) => (figure.unit === "s" ? shoal.seconds(v) : `${shoal.number(v, v < 10 ? 3 : 1)}${figure.unit ? `\u00a0${figure.unit}` : "\u00d7"}`);
  const titleOf = (study, figure) => `${shoal.shown(figure.name[0].toUpperCase() + figure.name.slice(1))} against ${shoal.shown(study.x)}`;

  /* Each series as [{x, value, spread}] of the points that have the figure. */
  const linesOf = (study, f) => study.series.map((series, i, all) => ({
    label: shoal.shown(series.label || series.model).replace(/^p2p/, "P2P"),
    kind: series.model === "p2p" ? kinds[all.slice(0, i).filter((s) => s.model === "p2p").length % kinds.length] : "server",
    points: series.points.map((p, at) => ({ x: study.x_unit === null ? at : p.number, value: p.value, spread: p.figures[f] })).filter((p) => p.spread),
  })).filter((line) => line.points.length);

  const isWide = ([least, most]) => least > 0 && most / least > 20;
  const scaleOf = (extent, range) => {
    if (isWide(extent)) return d3.scaleLog(extent, range);
    return d3.scaleLinear(extent[0] === extent[1] ? [extent[0] - 1, extent[1] + 1] : extent, range);
  };

  /* Numbers on the axis are in the unit; what is no number stands as it is. */
  const xAxis = (svg, study, x, place, lines) => {
    const log = x.base ? " (log)" : "";
    if (study.x_unit !== null) {
      const large = { B: [1048576, "MiB"], "B/s": [1000, "kB/s"] }[study.x_unit] || [1, study.x_unit];
      const shown = x.copy().domain(x.domain().map((v) => v / large[0]));
      shoal.xAxis(svg, shown, place, `${shoal.shown(study.x)}${large[1] ? `, ${large[1]}` : ""}${log}`);
      return;
    }
    const names = new Map(lines.flatMap((line) => line.points.map((p) => [p.x, p.value])));
    names.forEach((name, at) => svg.append("text").attr("class", "unit").attr("text-anchor", "middle").attr("x", x(at)).attr("y", place.top + place.height + 18).text(shoal.short(name, 12)));
    svg.append("text").attr("class", "unit").attr("x", place.left + place.width).attr("text-anchor", "end").attr("y", place.top + place.height + 36).text(shoal.shown(study.x));
  };

  const drawLine = (svg, line, x, y) => {
    svg.append("path").attr("class", `${line.kind}-line`).attr("stroke-width", 2).attr("d", d3.line().x((p) => x(p.x)).y((p) => y(p.spread.median))(line.points));
    line.points.forEach((p) => {
      svg.append("line").attr("stroke", `var(--${line.kind})`).attr("stroke-width", 2).attr("x1", x(p.x)).attr("x2", x(p.x)).attr("y1", y(p.spread.min)).attr("y2", y(p.spread.max));
      svg.append("circle").attr("class", `${line.kind}-fill`).attr("cx", x(p.x)).attr("cy", y(p.spread.median)).attr("r", 4);
    });
  };

  /* Names at the right end of the lines, moved apart where they would lie upon each other. */
  const labels = (svg, lines, x, y, place) => {
    const all = lines.map((line) => ({ line, y: y(line.points[line.points.length - 1].spread.median) })).sort((a, b) => a.y - b.y);
    all.forEach((label, i) => { if (i) label.y = Math.max(label.y, all[i - 1].y + 15); });
    const over = all.length ? all[all.length - 1].y - (place.top + place.height) : 0;
    if (over > 0) all.forEach((label) => { label.y -= over; });
    all.forEach(({ line, y: at }) => svg.append("text").attr("class", `${line.kind} halo`).attr("x", place.left + place.width + 10).attr("y", at + 4).text(shoal.short(line.label, 26)));
  };

  const inWords = (study, figure, lines) => lines.slice(0, 4).map((line) => {
    const [first, last] = [line.points[0], line.points[line.points.length - 1]];
    const name = lines.length > 1 ? `${line.label}: ` : "";
    if (first === last) return `${name}${show(figure, first.spread.median)} at ${shoal.shown(first.value)}`;
    return `${name}${show(figure, first.spread.median)} at ${shoal.shown(first.value)}, ${show(figure, last.spread.median)} at ${shoal.shown(last.value)}`;
  }).join("; ") + `. Median${d3.max(lines, (l) => d3.max(l.points, (p) => p.spread.n)) > 1 ? " over the seeds, with the smallest and the largest" : " of one seed"}.`;

  const plot = (parent, study, figure, f) => {
    const lines = linesOf(study, f);
    if (!lines.length) return;
    shoal.figure(parent, {
      title: titleOf(study, figure), name: "study", height: 320,
      draw: (body, width) => {
        const longest = lines.length > 1 ? Math.min(width * 0.4, d3.max(lines, (l) => shoal.short(l.label, 26).length) * 7 + 16) : 12;
        const place = { left: 50, top: 30, width: width - 58 - longest, height: 230 };
        const svg = shoal.svg(body, width, 306, titleOf(study, figure));
        const flat = lines.flatMap((line) => line.points);
        const x = scaleOf(d3.extent(flat, (p) => p.x), [place.left + 8, place.left + place.width]);
        const extent = [d3.min(flat, (p) => p.spread.min), d3.max(flat, (p) => p.spread.max)];
        const y = isWide(extent) ? d3.scaleLog(extent, [place.top + place.height, place.top]).nice()
          : d3.scaleLinear([figure.name === "stretch" ? 1 : 0, extent[1]], [place.top + place.height, place.top]).nice();
        shoal.yAxis(svg, y, place, `${unitOf(figure)}${y.base ? " (log)" : ""}`);
        xAxis(svg, study, x, place, lines);
        lines.forEach((line) => drawLine(svg, line, x, y));
        if (lines.length > 1) labels(svg, lines, x, y, place);
        shoal.timeCursor(svg, x, place, (v) => {
          const nearest = flat[d3.scan(flat, (a, b) => Math.abs(x(a.x) - x(v)) - Math.abs(x(b.x) - x(v)))];
          return [`${shoal.shown(study.x)}: ${shoal.shown(nearest.value)}`, ...lines.flatMap((line) => line.points.filter((p) => p.x === nearest.x)
            .map((p) => `${line.label}: ${shoal.range(p.spread, (n) => show(figure, n))}`))];
        });
        return inWords(study, figure, lines);
      },
    });
  };

  shoal.studies = (parent, studies) => studies.forEach((study, i) => {
    const plots = el("div", { class: "plots" });
    const missing = study.cells - study.played;
    const section = el("section", { id: `study-${i}` }, el("h2", {}, "Study: ", el("bdi", { text: shoal.shown(study.study) })),
      el("p", { class: "lead" }, el("bdi", { text: shoal.shown(study.description) })));
    if (missing) section.append(el("p", { class: "lead", text: `${shoal.count(missing)} of ${shoal.plural(study.cells, "run")} are still to be played${study.failed ? `, ${study.failed} could not be` : ""}: shoal sweep goes on where it was.` }));
    section.append(plots);
    parent.append(section);
    study.figures.forEach((figure, f) => plot(plots, study, figure, f));
  });
}
