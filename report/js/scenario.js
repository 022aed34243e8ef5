/* A section about one scenario: its figures, what was expected, and its plots. */
{
  const { el } = shoal;

  const fact = (name, value, kind, small) =>
    el("div", {}, el("dt", { text: name }), el("dd", { class: kind }, value, ...(small ? [" ", el("small", { text: small })] : [])));

  /* Of several strategies each has its figures in one line, else there would be too many to read. */
  const against = (one, way) => {
    const stretch = shoal.figureOf(one, way, "stretch"), speedup = shoal.figureOf(one, way, "speedup");
    return [stretch && [`${shoal.percent(stretch.median - 1)}`, "above the bound"], speedup && [`${shoal.number(speedup.median, 2)}\u00d7`, "as fast as a server"]].filter(Boolean);
  };

  const facts = (one) => {
    const list = el("dl", { class: "facts" }), peers = shoal.peerWays(one);
    for (const way of shoal.waysOf(one)) {
      const runs = shoal.runsOf(one, way), spread = shoal.figureOf(one, way, "makespan_s");
      const text = spread ? shoal.seconds(spread.median) : `${d3.sum(runs, (r) => r.done)} of ${d3.sum(runs, (r) => r.downloads)}`;
      const range = spread && shoal.seconds(spread.min) !== shoal.seconds(spread.max) ? `${shoal.seconds(spread.min)} to ${shoal.seconds(spread.max)}` : "";
      const more = peers.length > 1 && way.model === "p2p" ? against(one, way).map((words) => words.join(" ")).join(", ") : "";
      list.append(fact(spread ? `${way.name}, ${more || "until all were done"}` : `${way.name}, downloads that ended well`, text, way.kind, range));
    }
    const bound = shoal.boundOf(one);
    if (bound) list.append(fact("bound", shoal.seconds(bound)));
    if (peers.length === 1) against(one, peers[0]).forEach(([value, words]) => list.append(fact(`P2P, ${words}`, value)));
    return list;
  };

  /* One line per text, over all runs of a model that have it. */
  const expectations = (one) => {
    const all = one.runs.flatMap((run) => run.expectations.map((e) => ({ ...e, way: shoal.wayOf(one, run) })));
    if (!all.length) return el("p", { class: "none", text: "The scenario expects nothing in particular." });
    const met = all.filter((e) => e.met).length;
    const rows = d3.nest().key((e) => JSON.stringify([e.way.name, e.text])).entries(all).map(({ values }) => {
      const n = values.filter((e) => e.met).length, isMet = n === values.length;
      /* What was measured where it is not met, else an example. */
      const seen = [...new Set(values.filter((e) => isMet || !e.met).map((e) => e.measured).filter(Boolean))], shown = seen.slice(0, isMet ? 1 : 3);
      return el("tr", {}, el("td", { class: values[0].way.kind, text: values[0].way.name }), el("td", {}, el("bdi", { text: shoal.shown(values[0].text) })),
        el("td", { class: isMet ? "ok" : "not", text: isMet ? "\u2713 met" : `\u2717 not met with ${values.length - n} of ${shoal.plural(values.length, "seed")}` }),
        el("td", {}, el("bdi", { text: shoal.shown(shown.join("; ") + (seen.length > shown.length ? "; \u2026" : "")) })));
    });
    const head = el("tr", {}, ...["Model", "Expected", "", "Measured"].map((text) => el("th", { text })));
    return el("details", met < all.length ? { open: true } : {},
      el("summary", {}, el("span", { class: met === all.length ? "ok" : "not", text: `${met === all.length ? "\u2713" : "\u2717"} ${met} of ${shoal.plural(all.length, "expectation")} met` })),
      el("div", { class: "table" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows))));
  };

  /* What did not end well, and why. */
  const failures = (one) => {
    const bad = (one.details || []).flatMap((detail) => detail.downloads.filter((d) => d[6] !== "done")
      .map((d) => ({ name: detail.nodes[d[0]].name, way: shoal.wayOf(one, shoal.runOf(one, detail)), status: d[6], reason: d[7] })));
    if (!bad.length) return null;
    const items = bad.slice(0, 50).map((b) => el("li", {}, el("span", { class: b.way.kind, text: b.way.name }), ": ",
      el("bdi", { text: shoal.shown(b.name) }), ` ${b.status}${b.reason ? ": " : ""}`, el("bdi", { text: shoal.shown(b.reason || "") })));
    return el("details", {}, el("summary", { text: `${shoal.plural(bad.length, "download")} did not end well` }), el("ul", {}, ...items));
  };

  const representative = (one, detail) => {
    const run = shoal.runOf(one, detail), n = shoal.runsOf(one, run).length;
    const which = n === 1 ? "the only one" : run.makespan_s ? `the median of ${n}` : `the first of ${n}`;
    const sampled = detail.nodes_in_all > detail.nodes.length ? ` Drawn one by one are ${detail.nodes.length} of its ${shoal.count(detail.nodes_in_all)} nodes, from the first that was done to the last.` : "";
    return `Shown is the run with seed ${run.seed}, ${which}.${sampled}`;
  };

  const plots = (section, one) => {
    const played = shoal.waysOf(one).filter((way) => shoal.detailOf(one, way));
    if (!played.length) {
      section.append(el("p", { class: "none", text: "Only the first scenarios of a large store are drawn; name this one to see it: shoal report " + shoal.shown(one.scenario) }));
      return;
    }
    const first = el("div", { class: "plots" });
    section.append(first);
    shoal.completion(first, one);
    let way = played[0];
    const detail = () => shoal.detailOf(one, way);
    const which = el("span", { class: "label", text: representative(one, detail()) });
    const bar = el("div", { class: "bar" });
    const top = el("div", { class: "plots" }), grid = el("div", { class: "plots" });
    if (played.length > 1)
      bar.append(shoal.choice("What is shown", played.map((w) => [w, w.name]), way, (chosen) => {
        way = chosen;
        which.textContent = representative(one, detail());
        all.forEach((figure) => figure.redraw());
      }));
    bar.append(which);
    section.append(bar, top, grid);
    const all = [shoal.replay(top, one, detail)].concat(shoal.detailPlots.flatMap((make) => make(grid, one, detail)));
  };

  shoal.detailPlots = [shoal.waits, shoal.waitsOverTime, shoal.links, shoal.sources, shoal.blockSpread, shoal.chokes];

  shoal.scenario = (parent, one, index) => {
    const section = el("section", { id: `case-${index}` }, el("h2", {}, el("bdi", { text: shoal.caseName(one) })));
    if (one.description) section.append(el("p", { class: "lead" }, el("bdi", { text: shoal.shown(one.description) })));
    section.append(facts(one), expectations(one));
    const bad = failures(one);
    if (bad) section.append(bad);
    parent.append(section);
    plots(section, one);
  };
}
