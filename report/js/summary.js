/* The summary: scenarios by models, with bars against the bound, and the seeds as spread. */
{
  const { el } = shoal;

  const STEP = 22;

  const unfinished = (one, way) => {
    const runs = shoal.runsOf(one, way);
    return `${shoal.count(d3.sum(runs, (run) => run.done))} of ${shoal.count(d3.sum(runs, (run) => run.downloads))} downloads ended well`;
  };

  /* One bar, as long as the median; a line from the quickest seed to the slowest. */
  const bar = (svg, one, way, x, y, room) => {
    const spread = shoal.figureOf(one, way, "makespan_s");
    svg.append("text").attr("class", way.kind).attr("x", x.range()[0] - 8).attr("text-anchor", "end").attr("y", y + 12).text(shoal.short(way.name, 20));
    if (!spread) {
      svg.append("text").attr("x", x.range()[0]).attr("y", y + 12).attr("class", "unit").text(unfinished(one, way));
      return;
    }
    svg.append("rect").attr("class", `${way.kind}-fill`).attr("x", x(0)).attr("y", y).attr("height", 15)
      .attr("width", Math.max(1, x(spread.median) - x(0))).attr("rx", 1.5);
    if (x(spread.max) - x(spread.min) > 3)
      svg.append("line").attr("x1", x(spread.min)).attr("x2", x(spread.max)).attr("y1", y + 7.5).attr("y2", y + 7.5)
        .attr("stroke", "var(--ink)").attr("stroke-width", 2);
    svg.append("text").attr("class", "halo").attr("x", Math.min(x(spread.max) + 8, room - 70)).attr("y", y + 12).text(shoal.seconds(spread.median));
  };

  const times = (one, width) => {
    const host = el("div"), ways = shoal.waysOf(one), bound = shoal.boundOf(one);
    const spreads = ways.map((way) => shoal.figureOf(one, way, "makespan_s"));
    const most = d3.max([bound, ...spreads.map((s) => s?.max)]) || 1;
    const longest = d3.max(ways, (way) => shoal.short(way.name, 20).length);
    const x = d3.scaleLinear([0, most], [longest * 7 + 12, width - 80]);
    const words = [...ways.map((way, i) => `${way.name}: ${spreads[i] ? shoal.range(spreads[i], shoal.seconds) : unfinished(one, way)}`),
      `bound: ${bound ? shoal.seconds(bound) : "none"}`];
    const height = ways.length * STEP + 4;
    const svg = shoal.svg(host, width, height, `Makespan. ${words.join("; ")}.`);
    ways.forEach((way, i) => bar(svg, one, way, x, 4 + i * STEP, width));
    if (bound) svg.append("line").attr("class", "bound").attr("x1", x(bound)).attr("x2", x(bound)).attr("y1", 0).attr("y2", height);
    svg.on("pointermove", () => shoal.tip.show([shoal.caseName(one), ...words], d3.event.clientX, d3.event.clientY)).on("pointerleave", shoal.tip.hide);
    return host;
  };

  /* How far above the bound, on one axis for all scenarios; the line at its left is the bound. */
  const stretch = (one, x, width) => {
    const host = el("div"), ways = shoal.peerWays(one), height = Math.max(1, shoal.waysOf(one).length) * STEP + 4;
    const words = ways.map((way) => `${way.name}: ${shoal.range(shoal.figureOf(one, way, "stretch"), (v) => shoal.number(v, 3))}`);
    const svg = shoal.svg(host, width, height, `Stretch. ${words.join("; ")}`);
    svg.append("line").attr("class", "bound").attr("x1", x(1)).attr("x2", x(1)).attr("y1", 0).attr("y2", height);
    ways.forEach((way, i) => {
      const spread = shoal.figureOf(one, way, "stretch"), y = 11.5 + i * STEP;
      if (!spread) return;
      svg.append("line").attr("x1", x(1)).attr("x2", x(spread.median)).attr("y1", y).attr("y2", y).attr("stroke", "var(--line)").attr("stroke-width", 2);
      spread.values.forEach((v) => svg.append("circle").attr("class", `${way.kind}-fill`).attr("cx", x(v)).attr("cy", y).attr("r", 4.5).attr("opacity", spread.n > 1 ? 0.55 : 1));
      svg.append("text").attr("class", "halo").attr("x", Math.min(x(spread.max) + 9, width - 36)).attr("y", y + 4).text(shoal.number(spread.median, 3));
    });
    return host;
  };

  const met = (cases) => {
    const all = cases.flatMap((one) => one.runs).flatMap((run) => run.expectations);
    const n = all.filter((e) => e.met).length;
    if (!all.length) return el("span", { text: "\u2013" });
    return el("span", { class: n === all.length ? "ok" : "not", text: `${n === all.length ? "\u2713" : "\u2717"} ${n} of ${all.length} met` });
  };

  const speedups = (one) => {
    const ways = shoal.peerWays(one);
    if (!ways.length) return ["\u2013"];
    return ways.map((way) => {
      const spread = shoal.figureOf(one, way, "speedup");
      return el("div", { class: ways.length > 1 ? way.kind : null, text: spread ? `${shoal.number(spread.median, spread.median < 100 ? 2 : 0)}\u00d7` : "\u2013" });
    });
  };

  /* Where the page tells more. */
  const name = (one, index) => {
    const text = el("bdi", { text: shoal.caseName(one) });
    return one.of_study ? text : el("a", { href: `#case-${index}` }, text);
  };

  const row = (one, x, widths) => {
    const index = shoal.data.cases.indexOf(one);
    const seeds = new Set(one.runs.map((run) => run.seed)).size;
    const n = d3.max(one.runs, (run) => run.downloads);
    return el("tr", { "data-case": index },
      el("td", {}, name(one, index),
        el("small", { text: `${shoal.plural(n, "download")}, ${shoal.plural(seeds, "seed")}` })),
      el("td", { class: "times" }, times(one, widths.times)),
      el("td", { class: "stretch" }, stretch(one, x, widths.stretch)),
      el("td", { class: "n big", "data-figure": "speedup" }, ...speedups(one)),
      el("td", { class: "met" }, met([one])));
  };

  /* The line in words. */
  const inWords = (cases) => {
    const gains = cases.map((one) => ({ one, spread: shoal.peerFigure(one, "speedup") })).filter((g) => g.spread);
    const far = cases.map((one) => ({ one, spread: shoal.peerFigure(one, "stretch") })).filter((g) => g.spread);
    const texts = [];
    if (gains.length) {
      const faster = gains.filter((g) => g.spread.median > 1.005).length;
      const best = gains[d3.scan(gains, (a, b) => b.spread.median - a.spread.median)];
      texts.push(`P2P was faster than a server in ${faster} of ${shoal.plural(gains.length, "scenario")}` +
        ` that ended well both ways; most in ${shoal.caseName(best.one)}: ${shoal.number(best.spread.median, 2)} times.`);
    }
    if (far.length > 1) {
      far.sort((a, b) => a.spread.median - b.spread.median);
      const [near, last] = [far[0], far[far.length - 1]];
      texts.push(`Nearest to what no protocol can beat came ${shoal.caseName(near.one)}, ${shoal.percent(near.spread.median - 1)} above the bound;` +
        ` farthest stayed ${shoal.caseName(last.one)}, ${shoal.percent(last.spread.median - 1)} above it.`);
    }
    return texts.join(" ") || "No pair of runs ended well both ways, so there is no speed-up to tell.";
  };

  const legend = () =>
    el("div", { class: "legend" },
      el("span", {}, el("i", { style: "width:0;height:16px;border-radius:0;border-left:2px dashed var(--bound)" }), "bound: no protocol is faster"),
      el("span", { text: "Bars: median makespan in seconds, each scenario on a scale of its own. Dots: single seeds." }));

  const tableOf = (cases) => {
    const body = el("tbody"), columns = d3.range(5).map(() => el("col"));
    const table = el("table", { class: "summary" }, el("colgroup", {}, ...columns),
      el("thead", {}, el("tr", {}, el("th", { text: "Scenario" }), el("th", { text: "Time until all were done, s" }),
        el("th", { text: "P2P \u00f7 bound (stretch)" }), el("th", { class: "n", text: "Speed-up" }), el("th", { text: "Expectations" }))), body);
    return { cases, body, columns, element: el("div", { class: "table" }, table) };
  };

  /* What studies alone played is told by their plots: its lines are folded. */
  const folded = (cells) => el("details", { class: "cells" },
    el("summary", {}, `${shoal.plural(cells.cases.length, "scenario")} of studies, expectations: `, met(cells.cases)), cells.element);

  shoal.summary = (parent, cases) => {
    const plain = tableOf(cases.filter((one) => !one.of_study)), cells = tableOf(cases.filter((one) => one.of_study));
    const section = el("section", { id: "summary" }, el("h2", { text: "Summary" }));
    if (plain.cases.length) section.append(el("p", { class: "lead", text: inWords(plain.cases) }), legend(), plain.element);
    else cells.element.prepend(legend());
    if (cells.cases.length) section.append(folded(cells));
    parent.append(section);
    const most = d3.max(cases, (one) => d3.max(shoal.peerWays(one), (way) => shoal.figureOf(one, way, "stretch")?.max)) || 1;
    let drawn = 0;
    const fill = () => {
      const room = section.clientWidth, phone = room < 700;
      if (room === drawn) return;
      drawn = room;
      const widths = phone ? { times: room, stretch: room } : room < 900 ? { times: room - 462, stretch: 138 } : { times: room - 650, stretch: 208 };
      const x = d3.scaleLog([1, Math.max(1.25, most)], [phone ? 103 : 6, widths.stretch - 50]).clamp(true);
      const fixed = room < 900 ? [120, 0, 150, 76, 104] : [174, 0, 220, 96, 148];
      for (const table of [plain, cells]) {
        table.columns.forEach((column, i) => { column.style.width = fixed[i] ? `${fixed[i]}px` : ""; });
        table.body.replaceChildren(...table.cases.map((one) => row(one, x, widths)));
      }
    };
    fill();
    shoal.drawSummary = () => { drawn = 0; fill(); };
    new ResizeObserver(fill).observe(section);
  };
}
