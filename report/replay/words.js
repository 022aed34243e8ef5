/* What a replay says in words: of a node, of a transfer, of a moment. */
{
  const use = (model, way, node) => {
    const row = shoal.unpackRowsOnce(model.detail, way)[node][model.step()];
    return `${shoal.rate((row / 1000) * model.detail[way].of_bytes_per_s[node])}`;
  };

  const state = (model, i) => {
    if (!model.there[i]) return "is not there";
    if (model.isSource(i)) return "has all of it from the start";
    if (model.share(i) >= 0.9995) return "is done";
    return `holds ${shoal.percent(model.share(i))}`;
  };

  /* Lines; the first is the heading. */
  shoal.replayNodeWords = (model, i) => {
    const t = model.transfers;
    let gets = 0, gives = 0;
    model.underWay((k) => { gets += t.to[k] === i; gives += t.from[k] === i; });
    const lines = [`${shoal.shown(model.nodes[i].name)} (${model.nodes[i].role}) ${state(model, i)}`,
      `sends ${use(model, "sent", i)}, ${shoal.plural(gives, "block")} under way`, `receives ${use(model, "received", i)}, ${shoal.plural(gets, "block")} under way`];
    if (model.chokes && model.nodes[i].downloads > 0) lines.push(`served by ${shoal.plural(model.servedBy(i), "node")} of those shown`);
    return lines;
  };

  shoal.replayTransferWords = (model, k) => {
    const t = model.transfers, from = model.nodes[t.from[k]].name, to = model.nodes[t.to[k]].name;
    return [`${shoal.shown(from)} \u2192 ${shoal.shown(to)}: ${model.blockName(model.offsets[t.file[k]] + t.block[k])}`,
      `${shoal.percent((model.time - t.start[k]) / (t.end[k] - t.start[k] || 1))} of its ${shoal.seconds(t.end[k] - t.start[k])} are over`,
      `in the whole run ${shoal.bytes(shoal.gave(model.detail)[t.from[k]][t.to[k]])} went this way`];
  };

  shoal.replayBlockWords = (model, key) => {
    const path = model.pathOf(key), t = model.transfers, holders = model.holders(key).length;
    const first = path.length ? `; the first that got it was ${shoal.shown(model.nodes[t.to[path[0]]].name)} at ${shoal.seconds(t.end[path[0]])}` : "";
    return `${model.blockName(key)}: ${holders} of ${model.nodes.length} nodes have it${first}`;
  };

  const kinds = { crash: "crashes", leave: "leaves", join: "joins", return: "comes back", partition: "the network is parted", heal: "the network is whole again",
    "upload-rate": "upload rate becomes", "download-rate": "download rate becomes", "tracker-stop": "the tracker stops", "tracker-restart": "the tracker is back",
    network: "the network\u2019s conditions change", link: "a link\u2019s conditions change", line: "line changes", registered: "offers a file", cancelled: "takes a file back" };
  const nameless = ["partition", "heal", "tracker-stop", "tracker-restart", "network", "link"];
  shoal.replayEventWords = (event) => {
    const what = kinds[event.kind] || shoal.shown(event.kind), rate = event.kind.endsWith("-rate") ? ` ${event.value ? shoal.rate(event.value) : "unlimited"}` : "";
    return `${shoal.seconds(event.at)}: ${nameless.includes(event.kind) ? "" : `${shoal.shown(event.name)} `}${what}${rate}`;
  };

  /* The moment, for the line under the controls. */
  shoal.replayNow = (model) => {
    const leechers = d3.range(model.nodes.length).filter((i) => model.nodes[i].downloads > 0);
    const done = leechers.filter((i) => model.share(i) >= 0.9995).length;
    let peers = 0, sources = 0;
    model.underWay((k) => { if (model.transfers.from[k] >= 0) model.isSource(model.transfers.from[k]) ? sources++ : peers++; });
    return `${shoal.plural(done, "node")} of ${leechers.length} done; blocks under way: ${sources} from sources, ${peers} from downloaders`;
  };
}
