/* What all files share. Each file adds to `shoal`; names within a file stay in its block. */
const shoal = { data: JSON.parse(document.getElementById("data").textContent) };

{
  /* Makes an element. Properties: class, text, on (events), and attributes; children follow. */
  shoal.el = (name, properties = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key === "text") element.textContent = value;
      else if (key === "on") for (const [event, f] of Object.entries(value)) element.addEventListener(event, f);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };

  /* Characters that turn the direction of writing or cannot be seen are shown by number: a name must not be able
   * to look like something else. */
  const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  shoal.shown = (name) =>
    String(name).replace(unseen, (c) => `\u2039U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}\u203a`);

  shoal.short = (name, length = 16) => {
    const letters = [...shoal.shown(name)];
    return letters.length > length ? letters.slice(0, length - 1).join("") + "\u2026" : letters.join("");
  };

  shoal.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  /* How a scenario was played: P2P with each strategy, then server-client. kind: the class that colours it. */
  const ways = new WeakMap();
  shoal.waysOf = (one) => {
    if (ways.has(one)) return ways.get(one);
    const found = new Map();
    one.runs.forEach((run) => found.set(`${run.model}/${run.strategy}`, { model: run.model, strategy: run.strategy }));
    const all = [...found.values()], peers = all.filter((way) => way.model === "p2p");
    all.forEach((way) => {
      const isPlain = way.model !== "p2p" || (peers.length === 1 && way.strategy === "none");
      way.name = way.model === "p2p" ? `P2P${isPlain ? "" : `, ${shoal.shown(way.strategy)}`}` : "server-client";
      way.kind = way.model !== "p2p" ? "server" : ["p2p", "p2p-2", "p2p-3", "p2p-4"][Math.min(3, peers.indexOf(way))];
    });
    ways.set(one, all);
    return all;
  };
  shoal.peerWays = (one) => shoal.waysOf(one).filter((way) => way.model === "p2p");
  shoal.wayOf = (one, run) => shoal.waysOf(one).find((way) => way.model === run.model && way.strategy === run.strategy);

  shoal.caseName = (one) => {
    const world = [];
    if (one.backend !== "sim" || one.rate_factor !== 1) world.push(one.backend === "sim" ? "virtual time" : "for real");
    if (one.rate_factor !== 1) world.push(`rates \u00d7 ${+one.rate_factor.toPrecision(6)}`);
    return shoal.shown(one.scenario) + (world.length ? ` (${world.join(", ")})` : "");
  };

  /* Of the values that are numbers: {n, min, median, max}; null: none is. */
  shoal.spread = (values) => {
    const sorted = values.filter((v) => typeof v === "number").sort(d3.ascending);
    if (!sorted.length) return null;
    return { n: sorted.length, min: sorted[0], median: d3.quantile(sorted, 0.5), max: sorted[sorted.length - 1], values: sorted };
  };
  shoal.runsOf = (one, way) => one.runs.filter((run) => run.model === way.model && run.strategy === way.strategy);
  shoal.figureOf = (one, way, key) => shoal.spread(shoal.runsOf(one, way).map((run) => run[key]));
  shoal.runOf = (one, detail) => one.runs.find((run) => run.run === detail.run);
  shoal.detailOf = (one, way) => (one.details || []).find((detail) => shoal.wayOf(one, shoal.runOf(one, detail)) === way) || null;
  /* The bound is one of the scenario, not of how it was played. */
  shoal.boundOf = (one) => shoal.spread(one.runs.map((run) => run.bound_s))?.median ?? null;
  /* A figure of P2P, of the strategy that comes first. */
  shoal.peerFigure = (one, key) => shoal.peerWays(one).map((way) => shoal.figureOf(one, way, key)).find(Boolean) || null;
}
